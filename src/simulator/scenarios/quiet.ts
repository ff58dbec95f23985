import type { Scenario } from '../schema.ts';
import { demoProjectID, demoToken } from './demo.ts';

/** Nothing ever changes: jobs run without end, the queue is stuck, and what has ended stays in the list. */
export const quietScenario: Scenario = {
  name: 'quiet',
  seed: 1,
  projects: [
    {
      id: demoProjectID,
      tokens: [demoToken],
      pools: [
        {
          name: 'gpu-a',
          id: 'pool-gpu-a-0123456789abcdef0123456789abcdef',
          retention: '3650d',
          resources: [
            { flavor: 'modelarts.vm.gpu.tnt004', count: 4, azs: { 'eu-de-01': 2, 'eu-de-02': 2 } },
            { flavor: 'modelarts.vm.cpu.16u', count: 1, azs: { 'eu-de-01': 1 } },
          ],
          jobs: [
            { name: 'resnet-nightly', status: 'Running', age: '2h' },
            { name: 'detector-svc', type: 'infer', status: 'Running', age: '10d', nodes: 2 },
            { name: 'nb-alice', type: 'notebook', status: 'Running', age: '30m', cards: 0 },
            { name: 'llm-pretrain', nodes: 4, priority: 2 },
            { name: 'bert-finetune' },
            { name: 'resnet-old', status: 'Completed', age: '26h', duration: '90m' },
            { name: 'ocr-sweep', status: 'Failed', age: '20h', duration: '5m' },
            { name: 'ranker-eval', status: 'Terminated', age: '12h', duration: '7m' },
          ],
        },
        {
          name: 'npu-b',
          id: 'pool-npu-b-0123456789abcdef0123456789abcdef',
          retention: '3650d',
          scopes: ['Train'],
          resources: [{ flavor: 'modelarts.bm.npu.arm.8snt9', count: 2, azs: { 'eu-de-01': 2 } }],
          jobs: [
            { name: 'llm-pretrain', status: 'Running', age: '48h', cards: 8, nodes: 2, priority: 3 },
            { name: 'edge-tune', cards: 2 },
          ],
        },
        {
          name: 'cpu-e',
          id: 'pool-cpu-e-0123456789abcdef0123456789abcdef',
          scopes: ['Train', 'Infer'],
          resources: [{ flavor: 'modelarts.vm.cpu.4ud', count: 2 }],
        },
      ],
    },
  ],
};
