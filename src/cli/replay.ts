import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

import type { Clock } from '../runtime/clock.ts';
import { readRecording, RecordingError, type Recording } from '../simulator/replay-recording.ts';
import { startReplay, type ReplayServer } from '../simulator/replay-server.ts';
import { CliFailure } from './failure.ts';

export interface ReplayRecordingOptions {
  /** The recording. */
  readonly replay: string;
  readonly port: number;
  /** Default 1. */
  readonly speed?: number;
  /** Takes what is no answer to the command: warnings, and requests that were not recorded. */
  readonly say: (text: string) => void;
}

/** Serves a recording; rejects with CliFailure. */
export async function replayRecording(
  options: ReplayRecordingOptions,
  context: { readonly runtime: Clock; readonly stdout: (text: string) => void },
): Promise<ReplayServer> {
  const { replay: file, port, speed = 1, say } = options;
  const recording = await readFile(file);
  for (const warning of recording.warnings) say(`${file}: ${warning}\n`);
  const server = await startReplay({
    clock: context.runtime,
    exchanges: recording.exchanges,
    port,
    speed,
    onUnrecorded: (request) => say(`not in the recording: ${JSON.stringify(request)}\n`),
  }).catch(portFailure(port));
  context.stdout(introduction(server.url, recording));
  return server;
}

/** What a port that cannot be had ends the command with. */
export function portFailure(port: number): (error: unknown) => never {
  return (cause) => {
    throw new CliFailure(
      `cannot serve the simulator on port ${port}; choose another with --port, or 0 for a free one`,
      { cause },
    );
  };
}

async function readFile(file: string): Promise<Recording> {
  try {
    return await readRecording(createInterface({ input: createReadStream(file), crlfDelay: Infinity }));
  } catch (error) {
    if (error instanceof RecordingError)
      throw new CliFailure(`${file} cannot be replayed: ${error.message}`, { exitCode: 2 });
    throw new CliFailure(`cannot read the recording ${file}; name one with --replay`, {
      exitCode: 2,
      cause: error,
    });
  }
}

function introduction(url: string, { exchanges, startedAt, scrambled }: Recording): string {
  const [first] = exchanges;
  const last = exchanges.at(-1);
  const seconds = Math.round(((last?.at ?? 0) - (first?.at ?? 0)) / 1000);
  const projects = new Set(exchanges.map(({ path }) => path.split('/')[2] ?? ''));
  return [
    `ModelArts and IAM: ${url}`,
    `${exchanges.length} answers of ${seconds} s, from ${startedAt}${scrambled ? ', scrambled' : ''}; any credential is taken`,
    ...[...projects].map((project) => `project ${project}`),
    ...(first === undefined
      ? []
      : [`try: curl '${url}${first.path}${first.query === undefined ? '' : `?${first.query}`}'`]),
    '',
  ].join('\n');
}
