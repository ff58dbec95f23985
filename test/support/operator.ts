import { PassThrough } from 'node:stream';
import { KubeConfig } from '@kubernetes/client-node';

import {
  assembleOperator,
  type Assembly,
  type AssemblyOptions,
} from '../../src/cli/assembly/operator-assembly.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { Redactor } from '../../src/observability/redactor.ts';
import { systemRuntime } from '../../src/runtime/system.ts';

export interface TestOperator extends Assembly {
  /** Every line that it has logged so far, as JSON. */
  readonly log: readonly Record<string, unknown>[];
  /** Aborts and waits until nothing of it is left; rejects when it ended with an error. */
  stop(): Promise<void>;
  /** Breaks its connections to the apiserver first, with whatever is under way on them, and then ends it. */
  kill(): Promise<void>;
}

/** Starts the whole operator in this process, as `modelarts-operator run` would, without its HTTP servers. */
export function startOperator(
  options: { readonly kubeconfig: string } & Partial<Omit<AssemblyOptions, 'kubeConfig'>>,
): TestOperator {
  const { kubeconfig, ...overrides } = options;
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  const redactor = overrides.redactor ?? new Redactor();
  const log: Record<string, unknown>[] = [];
  const stream = new PassThrough({ encoding: 'utf8' });
  // A quick clock takes a watch for dead after half a minute that the server ends after five: no test here is about that.
  const isOfTheClock = (line: string): boolean => line.includes('taken for dead');
  stream.on('data', (text: string) => {
    for (const line of text.trimEnd().split('\n'))
      if (!isOfTheClock(line)) log.push(JSON.parse(line) as Record<string, unknown>);
  });
  const assembly = assembleOperator({
    kubeConfig,
    runtime: systemRuntime,
    log: createLogger({ level: 'debug', format: 'json', stream, redactor, now: systemRuntime.now }),
    redactor,
    instance: 'test',
    version: '0.0.0-test',
    endpoints: { allowLocal: true },
    ...overrides,
  });
  const stopping = new AbortController();
  const running = assembly.work(stopping.signal);
  // Whoever stops it hears of its end; until then it must not end the test process.
  running.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopping.abort(new Error('the test stops the operator'));
    try {
      await running;
    } finally {
      await assembly.close();
    }
  };
  return {
    ...assembly,
    log,
    stop,
    kill: async () => {
      const broken = assembly.transport.close();
      stopping.abort(new Error('the test kills the operator'));
      await Promise.all([broken, stop()]);
    },
  };
}
