import { globSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { InstrumenterContext, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareFactoryPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import type { Injector, PluginContext } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
  type CompleteDryRunResult,
  type DryRunOptions,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner';

import { declared, type Test } from './harness.ts';

/**
 * Turns of the event loop after which a test waits for something that does not come. Our tests move time themselves, so
 * that a clock, which a busy machine would falsify, is not needed for it.
 */
const patience = 30_000;

/**
 * A test runner for Stryker that loads the tests of a part once and runs them in this process for one mutant after
 * another. Stryker's own runner for jest starts a jest for each; with thousands of mutants that is hours against
 * minutes. It serves because what is mutated keeps no state in modules: eslint and the rules of the project say so.
 */
class ResidentRunner implements TestRunner {
  readonly #globs: readonly string[];
  /** How long each test took when it last passed: the quick ones are asked first, as one that notices is enough. */
  readonly #took = new Map<string, number>();
  #rejected: unknown;

  constructor(globs: readonly string[]) {
    this.#globs = globs;
  }

  /**
   * A mutant that is also reached while the tests load is switched on only while they run, so that nothing has to be
   * loaded again for it; one that is reached then alone is left out.
   */
  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    new Worker(new URL('./parent-watch.ts', import.meta.url)).unref();
    const stead: Record<string, string> = {
      '@jest/globals': beside('harness.ts'),
      'fast-check': beside('few-cases.ts'),
    };
    registerHooks({
      resolve: (specifier, context, next) => {
        const url = stead[specifier];
        return url === undefined || context.parentURL === url
          ? next(specifier, context)
          : { url, shortCircuit: true };
      },
    });
    process.on('unhandledRejection', (reason) => (this.#rejected = reason));
    for (const file of globSync([...this.#globs]).sort()) await import(pathToFileURL(resolve(file)).href);
  }

  async dryRun({ disableBail }: DryRunOptions): Promise<DryRunResult> {
    const result = await this.#run([...declared.values()], disableBail);
    const { mutantCoverage } = context();
    return { ...result, ...(mutantCoverage && { mutantCoverage }) };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, testFilter, hitLimit, disableBail } = options;
    const tests = [...declared.values()].filter(({ id }) => testFilter?.includes(id) ?? true);
    Object.assign(context(), { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit && 0 });
    try {
      const result = await this.#run(tests, disableBail);
      const endless = determineHitLimitReached(context().hitCount, hitLimit);
      return toMutantRunResult(endless ?? result, disableBail);
    } finally {
      Object.assign(context(), { activeMutant: undefined, hitLimit: undefined, hitCount: undefined });
    }
  }

  async #run(tests: readonly Test[], disableBail: boolean): Promise<CompleteDryRunResult> {
    const took = ({ id }: Test): number => this.#took.get(id) ?? 0;
    const results: TestResult[] = [];
    for (const test of tests.toSorted((a, b) => took(a) - took(b))) {
      const result = await this.#runOne(test);
      results.push(result);
      if (result.status === TestStatus.Failed && !disableBail) break;
    }
    return { status: DryRunStatus.Complete, tests: results };
  }

  async #runOne({ id, run }: Test): Promise<TestResult> {
    const started = performance.now();
    this.#rejected = undefined;
    Object.assign(context(), { currentTestId: id });
    const failure = await Promise.race([(async () => run())(), waitInVain()])
      .then(() => this.#rejected)
      .catch((error: unknown) => error ?? new Error('rejected with nothing'));
    Object.assign(context(), { currentTestId: undefined });
    const common = { id, name: id, timeSpentMs: performance.now() - started };
    if (failure !== undefined)
      return { ...common, status: TestStatus.Failed, failureMessage: inspect(failure) };
    this.#took.set(id, common.timeSpentMs);
    return { ...common, status: TestStatus.Success };
  }
}

const beside = (file: string): string => pathToFileURL(resolve(import.meta.dirname, file)).href;

async function waitInVain(): Promise<never> {
  for (let turn = 0; turn < patience; turn++) await setImmediate();
  throw new Error(`not ended after ${patience} turns of the event loop`);
}

/** Where the mutated code looks which mutant is on, and notes what ran. Of its own making or of ours, whoever comes first. */
function context(): InstrumenterContext {
  const place = globalThis as { __stryker__?: InstrumenterContext };
  return (place.__stryker__ ??= {});
}

const create = Object.assign(
  (injector: Injector<PluginContext>): TestRunner => {
    const options = injector.resolve(commonTokens.options) as StrykerOptions & {
      resident: { tests: string[] };
    };
    return new ResidentRunner(options.resident.tests);
  },
  { inject: tokens(commonTokens.injector) },
);

/** Stryker looks for these names in a plugin. */
export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'resident', create)];
export const strykerValidationSchema = {
  type: 'object',
  properties: {
    resident: { type: 'object', properties: { tests: { type: 'array', items: { type: 'string' } } } },
  },
};
