import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';

import { recordingFormat } from '../api/recording.ts';
import { createLogger } from '../observability/logger.ts';
import { Redactor } from '../observability/redactor.ts';
import { CliFailure } from './failure.ts';
import { openRecording, RecordingFile } from './recording-file.ts';

let folder: string;
let file: string;
let logged: PassThrough;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recording-'));
  file = join(folder, 'answers.jsonl');
  logged = new PassThrough({ encoding: 'utf8' });
});
afterEach(() => rmSync(folder, { recursive: true }));

const log = () =>
  createLogger({ level: 'info', format: 'json', stream: logged, redactor: new Redactor(), now: () => 0 });
const warnings = (): string[] =>
  ((logged.read() as string | null) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { message: string }).message);
const header = `{"format":"${recordingFormat}","version":1}`;

async function write(lines: readonly string[], mostBytes?: number): Promise<void> {
  const recording = new RecordingFile(openRecording(file), {
    file,
    log: log(),
    ...(mostBytes !== undefined && { mostBytes }),
  });
  for (const line of lines) recording.write(line);
  await recording.close();
}

function refusal(path: string): CliFailure {
  try {
    openRecording(path).stream.destroy();
  } catch (error) {
    if (error instanceof CliFailure) return error;
    throw error;
  }
  throw new Error(`${path} was opened`);
}

describe('the file of a recording', () => {
  it('is made, for this user only, and appended to', async () => {
    await write([header, 'a']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await write([header, 'b']);
    expect(readFileSync(file, 'utf8')).toBe(`${header}\na\n${header}\nb\n`);
  });

  it('goes on in a line of its own where half a line stands', async () => {
    writeFileSync(file, `${header}\n{"half`);
    await write([header]);
    expect(readFileSync(file, 'utf8')).toBe(`${header}\n{"half\n${header}\n`);
  });

  it('is no other file', () => {
    writeFileSync(file, 'apiVersion: v1\nkind: Config\n');
    const { message, exitCode } = refusal(file);
    expect(message).toBe(`${file} is not a recording; name a new file with --record`);
    expect(exitCode).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe('apiVersion: v1\nkind: Config\n');
  });

  it.each([
    ['in a folder that is not there', () => join(folder, 'none', 'answers.jsonl')],
    ['that is a folder', () => folder],
  ])('is refused with one sentence: %s', (_what, path) => {
    const { message, exitCode } = refusal(path());
    expect(message).toBe(
      `cannot write the recording ${path()}; name a file that can be written with --record`,
    );
    expect(exitCode).toBe(2);
  });

  it('ends at its greatest size, with one warning, on a whole line', async () => {
    await write(['0123456789', '0123456789', '0123456789', '0'], 24);
    expect(readFileSync(file, 'utf8')).toBe('0123456789\n0123456789\n');
    expect(warnings()).toEqual(['The recording ended: it is full (0 MiB). The operator goes on without it.']);
  });

  it('counts what stood there before', async () => {
    await write([header]);
    await write(['0'], header.length + 2);
    expect(readFileSync(file, 'utf8')).toBe(`${header}\n`);
  });

  it('ends with one warning when it cannot be written, and never throws', async () => {
    const stream = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
    });
    const recording = new RecordingFile({ stream, bytes: 0 }, { file, log: log() });
    recording.write('a');
    recording.write('b');
    await recording.close();
    recording.write('c');
    expect(warnings()).toEqual([
      'The recording ended: it cannot be written. The operator goes on without it.',
    ]);
  });

  it('ends when the disk is so slow that memory would fill', () => {
    const stream = new Writable({ write: () => undefined });
    const recording = new RecordingFile({ stream, bytes: 0 }, { file, log: log() });
    const line = 'x'.repeat(2 ** 20);
    for (let i = 0; i < 80; i++) recording.write(line);
    expect(stream.writableLength).toBeLessThan(70 * 2 ** 20);
    expect(warnings()).toEqual([
      'The recording ended: the disk is too slow. The operator goes on without it.',
    ]);
  });
});
