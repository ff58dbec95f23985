import type { ModelArtsProject } from '../../api/kinds/modelarts-project.ts';
import { ModelArtsClients } from '../../modelarts/client.ts';
import { createLogger } from '../../observability/logger.ts';
import type { CommandContext } from '../context.ts';
import type { ExportOptions } from '../endpoint-options.ts';
import { credentialsOf } from '../environment-credentials.ts';
import { CliFailure } from '../failure.ts';
import { projectOfFlags } from '../project-of-flags.ts';
import { unwell } from '../unwell.ts';
import { eventText, listText } from './documents.ts';
import { compareObjects, exportedObject, type ExportedObject } from './exported-object.ts';
import { Follower } from './follower.ts';
import { MemoryOperator, type MemoryStores } from './memory-operator.ts';
import { ReadFailures } from './read-failures.ts';

/**
 * Prints the mirrors that the operator would write, without a cluster: read, planned and written by the operator's own
 * parts, only that what they write to is memory. Resolves with 0 when all was read and 1 when something was not, or
 * when it was told to stop before; while following, with 0 when it is told to stop or nobody reads on.
 */
export async function exportMirrors(options: ExportOptions, context: CommandContext): Promise<number> {
  const { runtime, redactor, logStream, stdout, signal, outputClosed } = context;
  const secret = credentialsOf(context.credentials);
  for (const value of Object.values(context.credentials)) redactor.hold((value as string | undefined) ?? '');
  const say = (sentence: string): void =>
    void logStream.write(`${redactor.text(`modelarts-operator: ${sentence}`)}\n`);
  const failures = new ReadFailures(say);
  const operator = new MemoryOperator({
    runtime,
    // What a read says is heard from `failures`; an error beside that is a bug.
    log: createLogger({
      level: 'error',
      format: 'text',
      stream: logStream,
      redactor,
      now: () => runtime.now(),
    }),
    modelarts: failures.heard(
      // Whoever names the endpoint here is the one whose machine this is.
      new ModelArtsClients({ runtime, endpoints: { allowLocal: true }, proxy: context.proxy }),
    ),
    project: await projectOfFlags(options, sectionsOf(options)),
    secret,
  });
  const { stores } = operator;
  const stopped = AbortSignal.any([signal, outputClosed]);
  try {
    return await operator.run(stopped, async (pass) => {
      const complete = await pass();
      if (!complete && !failures.any) say(troubleOf(stores));
      if (!options.watch) {
        for (const text of listText(objectsOf(stores), options.output)) stdout(text);
        return complete ? 0 : 1;
      }
      const follower = new Follower((event) => stdout(eventText(event, options.output)));
      for (const object of objectsOf(stores)) follower.show(object);
      follower.follow(stores);
      return await new Promise<number>(() => undefined);
    });
  } catch (error) {
    if (!stopped.aborted) throw error;
    if (options.watch || outputClosed.aborted) return 0;
    throw new CliFailure('the export was interrupted before all was read; nothing was printed', {
      cause: error,
    });
  }
}

/** What these flags change in the spec of the project. */
function sectionsOf({
  skip = [],
  watch,
  interval,
  requestsPerSecond,
}: ExportOptions): Partial<ModelArtsProject['spec']> {
  const seconds = interval === undefined ? undefined : `${Math.max(1, Math.round(interval / 1000))}s`;
  return {
    ...(skip.includes('workloads') && { workloads: { mode: 'None' } }),
    ...(skip.includes('training-job-versions') && { trainingJobVersions: { mode: 'Disabled' } }),
    ...(skip.includes('resource-specs') && { resourceSpecs: { mode: 'Disabled' } }),
    ...(watch && seconds !== undefined && { polling: { poolInterval: seconds, workloadInterval: seconds } }),
    rateLimit: { requestsPerSecond, burst: Math.min(1000, 2 * requestsPerSecond) },
    // The limit guards objects that somebody may have built upon, and asks a person; here there is neither.
    deletion: { maxPercent: 100 },
  };
}

function objectsOf({ pools, resourceSpecs, workloads }: MemoryStores): ExportedObject[] {
  return [...pools.objects(), ...resourceSpecs.objects(), ...workloads.objects()]
    .map(exportedObject)
    .sort(compareObjects);
}

/** Where nothing could be asked: what the project would say of it. */
function troubleOf({ projects }: MemoryStores): string {
  const [project] = projects.objects();
  return (project && unwell(project)?.message) ?? 'not everything could be read; try again';
}
