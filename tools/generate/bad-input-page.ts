import { otherConditions, projectConditions } from '../../test/integration/bad-input/conditions.ts';
import { refusedInMirrors } from '../../test/integration/bad-input/refused-in-mirrors.ts';
import { refusedInProjects } from '../../test/integration/bad-input/refused-in-projects.ts';
import type { Row } from '../../test/integration/bad-input/row.ts';

/** Every row of docs/bad-input.md that a test is made from. */
const badInputRows: readonly Row[] = [
  ...refusedInProjects,
  ...refusedInMirrors,
  ...projectConditions,
  ...Object.values(otherConditions),
];

/**
 * docs/bad-input.md with the tables of our kinds written anew: the first table below each heading `## <kind>`. The rest
 * of the page is written by people. Pure. Throws where a kind has no such heading and table.
 *
 * @param fields In which order a kind's fields come: paths such as `spec.endpoint`. What is none of them keeps its place
 *   before them (metadata) or after them.
 */
export function badInputPage(page: string, fields: ReadonlyMap<string, readonly string[]>): string {
  return [...fields].reduce((text, [kind, paths]) => {
    const heading = text.indexOf(`\n## ${kind}\n`);
    const begin = text.indexOf('\n|', heading) + 1;
    const after = text.indexOf('\n\n', begin);
    const next = text.indexOf('\n## ', heading + 1);
    if (heading < 0 || begin < 1 || (next >= 0 && begin > next))
      throw new Error(`docs/bad-input.md has no table below "## ${kind}"`);
    const end = after < 0 ? text.length - 1 : after;
    return text.slice(0, begin) + tableOf(kind, paths) + text.slice(end);
  }, page);
}

function tableOf(kind: string, paths: readonly string[]): string {
  const place = ({ field }: Row): number => {
    const path = field.replaceAll('`', '');
    const at = paths.indexOf(path);
    if (at >= 0) return at;
    return path.startsWith('metadata') ? -1 : paths.length;
  };
  // Sorting keeps what is refused before what ends in a condition.
  const rows = badInputRows.filter((row) => row.kind === kind).sort((a, b) => place(a) - place(b));
  const cells = rows.map(({ field, wrong, gets }, i) => [
    field === rows[i - 1]?.field ? '' : field,
    wrong,
    gets,
  ]);
  const all = [['field', 'wrong value', 'gets'], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[], fill = ' '): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column]!, fill)).join(' | ')} |`;
  const [head, ...body] = all.map((row) => line(row));
  return [head, line(['', '', ''], '-'), ...body].join('\n');
}
