import { randomBytes } from 'node:crypto';

import type { Exchange } from '../modelarts/observer.ts';
import { Recorder } from '../modelarts/recording.ts';
import { Scrambler } from '../modelarts/recording-scrambler.ts';
import type { Logger } from '../observability/logger.ts';
import type { CommandContext } from './context.ts';
import type { RecordOptions } from './options.ts';
import { openRecording, RecordingFile } from './recording-file.ts';

export interface OpenRecorder {
  record(exchange: Exchange): void;
  /** Resolves when all is written, or never will be. */
  close(): Promise<void>;
}

/** The recorder that the flags ask for. Throws CliFailure where its file cannot be had. */
export function openRecorder(
  options: RecordOptions,
  context: Pick<CommandContext, 'runtime' | 'redactor' | 'version'>,
  log: Logger,
): OpenRecorder | undefined {
  const { record: path, recordScrambleIds } = options;
  if (path === undefined) return undefined;
  const file = new RecordingFile(openRecording(path), { file: path, log });
  const recorder = new Recorder({
    clock: context.runtime,
    version: context.version,
    mask: (text) => context.redactor.whole(text),
    scrambler: recordScrambleIds ? new Scrambler(randomBytes(32)) : undefined,
    write: (line) => file.write(line),
    onFault: (error) => file.end('an answer could not be sanitized; please report it', error),
  });
  return { record: (exchange) => recorder.record(exchange), close: () => file.close() };
}
