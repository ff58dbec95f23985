import { durationMs } from './duration.ts';
import type { FaultRule } from './fault-rule.ts';
import { SeededRandom } from './seeded-random.ts';

/** What a request is, as far as rules can tell. */
export interface FaultTarget {
  readonly method: string;
  readonly path: string;
  readonly call: string;
  readonly project: string | undefined;
  readonly pool: string | undefined;
  readonly query: URLSearchParams;
}

export type FaultEffect = Omit<FaultRule, 'id' | 'match' | 'skip' | 'times' | 'probability' | 'for'>;

interface Entry {
  readonly rule: FaultRule;
  readonly until: number;
  readonly path: RegExp | undefined;
  seen: number;
  used: number;
}

/** The rules by which answers go wrong at present. */
export class FaultBook {
  readonly #entries = new Map<string, Entry>();
  readonly #random: SeededRandom;
  #number = 0;

  constructor(options: { seed: number }) {
    this.#random = new SeededRandom(options.seed, 'faults');
  }

  add(rule: FaultRule, now: number): string {
    const id = rule.id ?? `fault-${++this.#number}`;
    const path = rule.match?.path;
    this.#entries.delete(id);
    this.#entries.set(id, {
      rule,
      until: rule.for === undefined ? Infinity : now + durationMs(rule.for),
      path: path === undefined ? undefined : globToRegExp(path),
      seen: 0,
      used: 0,
    });
    return id;
  }

  clear(id?: string): void {
    if (id === undefined) this.#entries.clear();
    else this.#entries.delete(id);
  }

  list(): { id: string; rule: FaultRule; used: number }[] {
    return [...this.#entries].map(([id, { rule, used }]) => ({ id, rule, used }));
  }

  /** All that is to go wrong with this request; counts it against the rules that match. */
  effects(target: FaultTarget, now: number): FaultEffect | undefined {
    let sum: FaultEffect | undefined;
    for (const [id, entry] of this.#entries) {
      if (now >= entry.until) {
        this.#entries.delete(id);
        continue;
      }
      if (!matches(entry, target)) continue;
      entry.seen += 1;
      const { skip = 0, times = Infinity, probability = 1 } = entry.rule;
      if (entry.seen <= skip || entry.used >= times) continue;
      if (probability < 1 && this.#random.next() >= probability) continue;
      entry.used += 1;
      const effect = effectOf(entry.rule);
      sum = { ...sum, ...effect, headers: { ...sum?.headers, ...effect.headers } };
    }
    return sum;
  }
}

const conditions: ReadonlySet<string> = new Set(['id', 'match', 'skip', 'times', 'probability', 'for']);

const effectOf = (rule: FaultRule): FaultEffect =>
  Object.fromEntries(Object.entries(rule).filter(([key]) => !conditions.has(key)));

function matches({ rule: { match }, path }: Entry, target: FaultTarget): boolean {
  if (match === undefined) return true;
  return (
    (match.method ?? target.method) === target.method &&
    (match.call ?? target.call) === target.call &&
    (match.project ?? target.project) === target.project &&
    (match.pool ?? target.pool) === target.pool &&
    (path === undefined || path.test(target.path)) &&
    Object.entries(match.query ?? {}).every(([name, value]) => target.query.getAll(name).includes(value))
  );
}

function globToRegExp(glob: string): RegExp {
  const text = glob
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*|\*/g, (stars) => (stars === '**' ? '.*' : '[^/]*'));
  return new RegExp(`^${text}$`);
}
