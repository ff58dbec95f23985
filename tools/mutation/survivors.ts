/** A mutant as a reader finds it in the source, whatever line it has come to stand on. */
export interface Survivor {
  readonly file: string;
  /** The line that is changed, with what is replaced between « and », and what stands there instead. */
  readonly change: string;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** What Stryker says of a mutant; places count from one. */
interface Mutant {
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

/** The change of a mutant, on one line: a block is named by how it begins. */
export function changeOf(source: string, { replacement, location: { start, end } }: Mutant): string {
  const lines = source.split('\n');
  const offset = ({ line, column }: Place): number =>
    lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, column - 1);
  const before = lines[start.line - 1]?.slice(0, start.column - 1) ?? '';
  const after = lines[end.line - 1]?.slice(end.column - 1) ?? '';
  const replaced = short(source.slice(offset(start), offset(end)));
  return `${before.trimStart()}«${replaced}»${after.trimEnd()} → ${short(replacement)}`;
}

function short(code: string): string {
  const line = code.replaceAll(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

/**
 * The mutants that docs/mutation-survivors.md explains: in its blocks of text, the name of a file and, indented below it,
 * the changes that nobody can notice.
 */
export function explainedIn(markdown: string): Survivor[] {
  const explained: Survivor[] = [];
  let file: string | undefined;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) file = undefined;
    else if (/^src\/\S+\.ts$/.test(line)) file = line;
    else if (file !== undefined && line.startsWith('  ')) explained.push({ file, change: line.trim() });
  }
  return explained;
}

/** Those of `some` that are not in `others`. One that stands twice in `some` has to stand there twice, too. */
export function without(some: readonly Survivor[], others: readonly Survivor[]): Survivor[] {
  const key = ({ file, change }: Survivor): string => `${file}\n${change}`;
  const left = others.map(key);
  return some.filter((one) => {
    const at = left.indexOf(key(one));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
