import { format } from 'node:util';

export { expect } from 'expect';

/**
 * What the tests of the mutated parts use of `@jest/globals`, for a process that loads them once and runs them as often
 * as there are mutants. A test file that imports more does not load: then it is added here.
 */
export interface Test {
  /** Unique among all that are loaded. */
  readonly id: string;
  readonly run: () => unknown;
}

type Body = (...row: never[]) => unknown;
type Each = (rows: readonly unknown[]) => (title: string, body: Body) => void;

/** What the files loaded so far have declared; a module of the test process, as jest's own is. */
export const declared = new Map<string, Test>();
const path: string[] = [];

export const describe = withEach((title, body) => {
  path.push(title);
  body();
  path.pop();
});

export const it = withEach((title, body) => {
  const name = [...path, title].join(' ');
  let id = name;
  for (let n = 2; declared.has(id); n++) id = `${name} #${n}`;
  declared.set(id, { id, run: body });
});

function withEach(declare: (title: string, body: () => unknown) => void) {
  const each: Each = (rows) => (title, body) => {
    for (const row of rows) {
      const values = (Array.isArray(row) ? row : [row]) as never[];
      const used = title.match(/%[sdifjoOp]/g)?.length ?? 0;
      declare(format(title.replaceAll('%p', '%o'), ...values.slice(0, used)), () => body(...values));
    }
  };
  return Object.assign(declare, { each });
}
