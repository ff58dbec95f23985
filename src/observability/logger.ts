import winston from 'winston';

import { withoutSteering } from '../api/steering.ts';
import { describeError } from './describe-error.ts';
import type { Redactor } from './redactor.ts';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];
export const logFormats = ['json', 'text'] as const;
export type LogFormat = (typeof logFormats)[number];

/** What a line is about. An error goes under `error`, with its causes. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the operator says what it does. Writing never throws and never waits. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines carry these fields too. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `json`: an object a line. `text`: for a person's eyes. */
  readonly format: LogFormat;
  readonly stream: NodeJS.WritableStream;
  readonly redactor: Redactor;
  /** Wall clock, milliseconds since the epoch: the time of a line. */
  readonly now: () => number;
}

/** Lines at `level` and above go to `stream`, secrets taken out. Stacks of errors are written at level `debug` only. */
export function createLogger(options: LoggerOptions): Logger {
  const { redactor, level } = options;
  const render = options.format === 'json' ? jsonLine : textLine;
  const line = winston.format((info) => {
    const fields = redactor.value(info['fields'], { stacks: level === 'debug' }) as Record<string, unknown>;
    info[Symbol.for('message')] = render({
      time: new Date(options.now()).toISOString(),
      level: info.level as LogLevel,
      message: redactor.text(String(info.message)),
      fields,
    });
    return info;
  });
  const sink = winston.createLogger({
    level,
    levels: Object.fromEntries(logLevels.map((name, index) => [name, index])),
    format: line(),
    transports: [new winston.transports.Stream({ stream: options.stream, eol: '\n' })],
  });
  return new FieldLogger((at, message, fields) => sink.log({ level: at, message, fields }), {});
}

/** For those who are given no logger. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

type Write = (level: LogLevel, message: string, fields: LogFields) => void;

class FieldLogger implements Logger {
  readonly #write: Write;
  readonly #fields: LogFields;

  constructor(write: Write, fields: LogFields) {
    this.#write = write;
    this.#fields = fields;
  }

  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, { ...this.#fields, ...fields });
  }
  info(message: string, fields?: LogFields): void {
    this.#write('info', message, { ...this.#fields, ...fields });
  }
  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, { ...this.#fields, ...fields });
  }
  error(message: string, fields?: LogFields): void {
    this.#write('error', message, { ...this.#fields, ...fields });
  }
  child(fields: LogFields): Logger {
    return new FieldLogger(this.#write, { ...this.#fields, ...fields });
  }
}

interface Line {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The line's own words win; a field of the same name moves to `field_…`. */
function jsonLine({ time, level, message, fields }: Line): string {
  const own = { time, level, message };
  const rest = Object.entries(fields).map(([key, value]) => [key in own ? `field_${key}` : key, value]);
  return visible(JSON.stringify({ ...own, ...Object.fromEntries(rest) }));
}

function textLine({ time, level, message, fields }: Line): string {
  const { error, ...rest } = fields;
  const pairs = Object.entries(rest).map(([key, value]) => `${key}=${textValue(value)}`);
  if (error !== undefined) pairs.push(`error=${textValue(errorText(error))}`);
  const stacks = [...stacksOf(error)].flatMap((stack) =>
    stack.split('\n').map((each) => `\n    ${visible(each)}`),
  );
  const line = visible(`${message}${pairs.length === 0 ? '' : `  ${pairs.join(' ')}`}`);
  return `${time} ${level.toUpperCase().padEnd(5)} ${line}${stacks.join('')}`;
}

function textValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w./:@%+,~-]+$/.test(text) || typeof value !== 'string' ? text : JSON.stringify(text);
}

/**
 * A text that came from elsewhere must not be able to begin a line of its own, to steer a terminal or to turn the rest of
 * its line around: what could is shown as JSON would spell it.
 */
function visible(text: string): string {
  return withoutSteering(text, (run) => Array.from(run, escaped).join(''));
}
const escaped = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;

interface PlainError {
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly cause?: unknown;
}

/** The chain of an error that is already plain data. */
function errorText(error: unknown): string {
  return describeError(revive(error, 0));
}

function revive(error: unknown, depth: number): unknown {
  if (typeof error !== 'object' || error === null || depth > 8) return error;
  const { message, cause } = error as PlainError;
  if (typeof message !== 'string') return JSON.stringify(error);
  return new Error(message, cause === undefined ? undefined : { cause: revive(cause, depth + 1) });
}

function* stacksOf(error: unknown): Generator<string> {
  for (let at = error; typeof at === 'object' && at !== null; at = (at as PlainError).cause) {
    const { stack } = at as PlainError;
    if (typeof stack === 'string') yield stack;
  }
}
