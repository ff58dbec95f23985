import type { Scenario } from '../schema.ts';

/** The project and token of the ready scenarios. */
export const demoProjectID = '0123456789abcdef0123456789abcdef';
export const demoToken = 'demo-token';

/**
 * Something to watch: GPU, Ascend and CPU pools with jobs that come, queue, run and end, drivers that are upgraded, a
 * node that fails and comes back, a pool that is made and taken away again. Twenty times faster than life.
 */
export const demoScenario: Scenario = {
  name: 'demo',
  seed: 7,
  speed: 20,
  projects: [
    {
      id: demoProjectID,
      name: 'eu-de_demo',
      domain: 'EXAMPLE-DOMAIN',
      azs: ['eu-de-01', 'eu-de-02', 'eu-de-03'],
      tokens: [demoToken],
      users: [{ name: 'mirror-reader', password: 'demo-password' }],
      keys: [{ accessKey: 'EXAMPLEAK00000DEMO01', secretKey: 'ExampleSecretKeyNotRealDemo0123456789abc' }],
      workspaces: [{ id: '9f8e7d6c5b4a39281706f5e4d3c2b1a0', name: 'research', authType: 'PRIVATE' }],
      pools: [
        {
          name: 'vision',
          id: 'pool-vision-0123456789abcdef0123456789abcdef',
          description: 'team vision, training and serving',
          resources: [
            { flavor: 'modelarts.vm.gpu.tnt004', count: 4, azs: { 'eu-de-01': 2, 'eu-de-02': 2 } },
            { flavor: 'modelarts.vm.cpu.16u', count: 1, azs: { 'eu-de-01': 1 } },
          ],
          driver: { gpu: '470.57.02', updateStrategy: 'idle' },
          load: { arrivalsPerMinute: 0.4, backlog: 6, finished: 12, duration: { min: '3m', max: '20m' } },
        },
        {
          name: 'llm',
          id: 'pool-llm-0123456789abcdef0123456789abcdef',
          description: 'large model training',
          scopes: ['Train'],
          resources: [
            { flavor: 'modelarts.bm.npu.arm.8snt9', count: 4, azs: { 'eu-de-02': 2, 'eu-de-03': 2 } },
          ],
          driver: { npu: 'C78', updateStrategy: 'force' },
          billing: 'subscription',
          controlMode: 1,
          load: {
            arrivalsPerMinute: 0.5,
            backlog: 8,
            finished: 10,
            types: { train: 1 },
            cards: [2, 4, 8],
            duration: { min: '5m', max: '40m' },
          },
        },
        {
          name: 'batch-cpu',
          id: 'pool-batch-cpu-0123456789abcdef0123456789abcdef',
          scopes: ['Train', 'Infer'],
          resources: [{ flavor: 'modelarts.vm.cpu.8ud', count: 3, azs: { 'eu-de-01': 3 } }],
          load: { arrivalsPerMinute: 0.6, backlog: 3, finished: 6, types: { train: 4, infer: 1 } },
        },
        {
          name: 'research-v100',
          id: 'pool-research-0123456789abcdef0123456789abcdef',
          workspace: '9f8e7d6c5b4a39281706f5e4d3c2b1a0',
          resources: [{ flavor: 'modelarts.bm.gpu.8v100', count: 2, azs: { 'eu-de-01': 1, 'eu-de-03': 1 } }],
          load: { arrivalsPerMinute: 0.3, backlog: 5, duration: { min: '5m', max: '30m' } },
        },
        {
          name: 'legacy',
          id: 'pool9928813f',
          legacy: true,
          resources: [{ flavor: 'modelarts.vm.gpu.v100', count: 2 }],
          load: { arrivalsPerMinute: 0.1, backlog: 2, finished: 4, types: { train: 1 } },
        },
      ],
    },
  ],
  events: [
    { at: '4m', every: '60m', do: [{ failNode: { pool: 'vision' } }] },
    { at: '14m', every: '60m', do: [{ recoverNode: { pool: 'vision' } }] },
    { at: '6m', do: [{ upgradeDriver: { pool: 'llm', kind: 'npu', version: 'C79', strategy: 'force' } }] },
    { at: '20m', do: [{ upgradeDriver: { pool: 'vision', kind: 'gpu', version: '535.129.03' } }] },
    {
      at: '10m',
      every: '90m',
      do: [
        {
          addPool: {
            gradually: true,
            pool: {
              name: 'sprint',
              id: 'pool-sprint-0123456789abcdef0123456789abcdef',
              resources: [{ flavor: 'modelarts.vm.gpu.tnt004', count: 3, azs: { 'eu-de-01': 3 } }],
              load: { arrivalsPerMinute: 0.5 },
            },
          },
        },
      ],
    },
    { at: '30m', do: [{ scalePool: { pool: 'batch-cpu', flavor: 'modelarts.vm.cpu.8ud', count: 5 } }] },
    { at: '70m', every: '90m', do: [{ removePool: { pool: 'sprint', gradually: true } }] },
  ],
};
