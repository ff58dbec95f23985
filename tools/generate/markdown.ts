/** A table, unformatted: what is generated is not for prettier. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** Text that may stand in a table cell. */
export function cell(value: string): string {
  return value.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
