import { isHiddenLabel } from './decode/pool.ts';
import { masked } from './printable.ts';
import { bodyRule, labelRule, queryRule, type Rule } from './recording-rules.ts';
import type { Operation } from './endpoints.ts';
import type { JSONObject } from './json.ts';
import type { Scrambler } from './recording-scrambler.ts';

/** No text that a decoder keeps is as long. */
const longestText = 16_384;
const longestAmount = 64;

/** The sanitized copy of an answer to `operation`. With a scrambler, ids, names, addresses and free texts go too. */
export function recordedBody(operation: Operation, body: JSONObject, scrambler?: Scrambler): JSONObject {
  return new Sanitizer(scrambler).value(bodyRule(operation), body) as JSONObject;
}

/** The sanitized value of a query parameter. */
export function recordedParameter(name: string, value: string, scrambler?: Scrambler): string {
  return String(new Sanitizer(scrambler).value(queryRule(name), value));
}

class Sanitizer {
  readonly #scrambler: Scrambler | undefined;

  constructor(scrambler: Scrambler | undefined) {
    this.#scrambler = scrambler;
  }

  /** The kinds of values (text, number, list, object) stay, where there is a rule: decoders tell them apart. */
  value(rule: Rule, value: unknown): unknown {
    if (value === null || typeof value === 'boolean') return value;
    if (Array.isArray(value)) return value.map((item) => this.value(rule, item));
    if (typeof value === 'object') return this.#object(rule, value);
    if (typeof value === 'number') return this.#number(rule, value);
    return typeof value === 'string' ? this.#text(rule, value) : undefined;
  }

  #object(rule: Rule, value: object): JSONObject {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]): [string, unknown] => {
        if (rule === 'labels') return this.#label(key, item);
        if (rule === 'amounts') return [key, isScalar(item) ? this.value('amounts', item) : described(item)];
        const below = typeof rule === 'object' && Object.hasOwn(rule, key) ? rule[key] : undefined;
        return [key, below === undefined ? described(item) : this.value(below, item)];
      }),
    );
  }

  #label(key: string, value: unknown): [string, unknown] {
    if (isHiddenLabel(key) || !isScalar(value)) return [key, described(value)];
    // What people call their labels says as much as what they write into them.
    const shown = key.startsWith('os.modelarts/') ? key : (this.#scrambler?.id(key) ?? key);
    return [shown, this.value(labelRule(key), value)];
  }

  #number(rule: Rule, value: number): number {
    if (rule !== 'id' || this.#scrambler === undefined || !Number.isSafeInteger(value)) return value;
    return Number(this.#scrambler.id(String(value)));
  }

  #text(rule: Rule, value: string): string {
    const scrambler = this.#scrambler;
    if (value.length > longestText && rule !== 'addresses') return described(value);
    switch (rule) {
      case 'plain':
        return masked(value);
      case 'amounts':
        return value.length > longestAmount ? described(value) : value;
      case 'id':
        return scrambler?.id(value) ?? value;
      case 'addresses':
        return scrambler?.addresses(value) ?? value;
      case 'text':
        return scrambler === undefined ? masked(value) : described(value);
      default:
        return described(value);
    }
  }
}

/** What stands for a value that is left out. */
function described(value: unknown): string {
  if (typeof value === 'string') return `[text of ${value.length} characters]`;
  if (Array.isArray(value)) return `[list of ${value.length}]`;
  return value === null ? '[null]' : `[${typeof value}]`;
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}
