import { closeSync, createWriteStream, fstatSync, openSync, readSync } from 'node:fs';
import type { Writable } from 'node:stream';

import { recordingFormat } from '../api/recording.ts';
import type { Logger } from '../observability/logger.ts';
import { CliFailure } from './failure.ts';

/** What a file may grow to: hours of some pools, and a size that can still be sent. */
const mostBytes = 256 * 2 ** 20;
/** What waits in memory for a slow disk. */
const mostWaitingBytes = 64 * 2 ** 20;

export interface OpenedRecording {
  readonly stream: Writable;
  /** What stands there already. */
  readonly bytes: number;
}

/**
 * Opens a file to append to it, readable by this user only; makes it where there is none. Throws CliFailure, also for a
 * file that is no recording: a wrong name must not spoil what it names.
 */
export function openRecording(file: string): OpenedRecording {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'a+', 0o600);
    const stats = fstatSync(handle);
    const bytes = stats.isFile() ? stats.size : 0;
    if (bytes > 0 && !beginsAsRecording(handle)) {
      throw new CliFailure(`${file} is not a recording; name a new file with --record`, { exitCode: 2 });
    }
    const stream = createWriteStream(file, { fd: handle });
    // Whoever was killed in the middle of a line left no end of it.
    if (bytes > 0 && byteAt(handle, bytes - 1) !== '\n') stream.write('\n');
    return { stream, bytes };
  } catch (error) {
    if (handle !== undefined) closeSync(handle);
    if (error instanceof CliFailure) throw error;
    throw new CliFailure(
      `cannot write the recording ${file}; name a file that can be written with --record`,
      {
        exitCode: 2,
        cause: error,
      },
    );
  }
}

/** Lines into a recording, until it is full or cannot be written: then one warning, and nothing else happens. */
export class RecordingFile {
  readonly #stream: Writable;
  readonly #file: string;
  readonly #log: Logger;
  readonly #mostBytes: number;
  #bytes: number;
  #ended = false;

  constructor(
    { stream, bytes }: OpenedRecording,
    options: { readonly file: string; readonly log: Logger; readonly mostBytes?: number },
  ) {
    this.#stream = stream;
    this.#bytes = bytes;
    this.#file = options.file;
    this.#log = options.log;
    this.#mostBytes = options.mostBytes ?? mostBytes;
    stream.on('error', (error) => this.end('it cannot be written', error));
  }

  /** False where no more is wanted. */
  write(line: string): boolean {
    if (this.#ended || this.#stream.writableEnded) return false;
    const text = `${line}\n`;
    this.#bytes += Buffer.byteLength(text);
    if (this.#bytes > this.#mostBytes) this.end(`it is full (${Math.round(this.#mostBytes / 2 ** 20)} MiB)`);
    else if (this.#stream.writableLength > mostWaitingBytes) this.end('the disk is too slow');
    else this.#stream.write(text);
    return !this.#ended;
  }

  /** Ends the recording before its time, and says why. */
  end(why: string, error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#log.warn(`The recording ended: ${why}. The operator goes on without it.`, {
      file: this.#file,
      ...(error !== undefined && { error }),
    });
    this.#stream.end();
  }

  /** Resolves when all that was taken is written, or never will be. */
  async close(): Promise<void> {
    if (this.#stream.closed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('close', resolve);
      this.#stream.end();
    });
  }
}

function beginsAsRecording(handle: number): boolean {
  const start = Buffer.alloc(256);
  const length = readSync(handle, start, 0, start.length, 0);
  return start.toString('utf8', 0, length).startsWith(`{"format":"${recordingFormat}"`);
}

function byteAt(handle: number, position: number): string {
  const byte = Buffer.alloc(1);
  readSync(handle, byte, 0, 1, position);
  return byte.toString('latin1');
}
