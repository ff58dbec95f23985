import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';

import { createLogger, silentLogger, type LogFormat, type LogLevel, type Logger } from './logger.ts';
import { Redactor } from './redactor.ts';

function logging(format: LogFormat, level: LogLevel = 'info'): { logger: Logger; lines: () => string[] } {
  const stream = new PassThrough();
  const now = (): number => Date.UTC(2026, 0, 2, 3, 4, 5, 6);
  const logger = createLogger({ format, level, stream, redactor: new Redactor(), now });
  return {
    logger,
    lines: () =>
      String(stream.read() ?? '')
        .split('\n')
        .slice(0, -1),
  };
}

describe('createLogger', () => {
  it('writes a JSON object a line, with the fields of its parents', () => {
    const { logger, lines } = logging('json');
    logger.child({ project: 'ns/a' }).info('polled', { pools: 3, level: 'mine', token: 'abc' });
    expect(lines().map((line) => JSON.parse(line))).toEqual([
      {
        time: '2026-01-02T03:04:05.006Z',
        level: 'info',
        message: 'polled',
        project: 'ns/a',
        pools: 3,
        field_level: 'mine',
        token: '[redacted]',
      },
    ]);
  });

  it('keeps the chain of causes in both formats', () => {
    const error = new Error('cannot poll', { cause: new Error('connect ECONNREFUSED') });
    const json = logging('json');
    json.logger.error('failed', { error });
    expect(JSON.parse(json.lines()[0] ?? '').error).toEqual({
      type: 'Error',
      message: 'cannot poll',
      cause: { type: 'Error', message: 'connect ECONNREFUSED' },
    });
    const text = logging('text');
    text.logger.error('failed', { error });
    expect(text.lines()).toEqual([
      '2026-01-02T03:04:05.006Z ERROR failed  error="cannot poll: connect ECONNREFUSED"',
    ]);
  });

  it('writes one readable line, which a foreign text cannot break', () => {
    const { logger, lines } = logging('text');
    logger.warn('bad\nname', { pool: 'p-1', message: 'two words', n: 2, list: ['a'], text: 'a\nb' });
    expect(lines()).toEqual([
      '2026-01-02T03:04:05.006Z WARN  bad\\u000aname  pool=p-1 message="two words" n=2 list=["a"] text="a\\nb"',
    ]);
  });

  it('leaves out what is below its level, and shows stacks at debug only', () => {
    const quiet = logging('text', 'warn');
    quiet.logger.info('no');
    quiet.logger.debug('no');
    expect(quiet.lines()).toEqual([]);
    const loud = logging('text', 'debug');
    loud.logger.debug('yes', { error: new Error('boom') });
    expect(loud.lines().join('\n')).toMatch(/error=boom\n {4}Error: boom\n {8}at /);
  });

  it('has a twin that says nothing', () => {
    expect(() => silentLogger.child({ a: 1 }).error('x')).not.toThrow();
  });
});
