import { badRequest } from './api-failure.ts';

type Labels = Readonly<Record<string, string>>;

/** Kubernetes label selector syntax: `a=b,c!=d,e in (x,y),f notin (z),g,!h`. Throws a 400 on any other text. */
export function labelSelector(text: string): (labels: Labels) => boolean {
  const terms = text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '')
    .map(parseTerm);
  return (labels) => terms.every((term) => term(labels));
}

function parseTerm(term: string): (labels: Labels) => boolean {
  const set = /^([^\s!=,()]+)\s+(in|notin)\s+\(([^()]*)\)$/.exec(term);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    return (labels) => values.has(labels[key] ?? '') === (operator === 'in');
  }
  const pair = /^([^\s!=,()]+)\s*(==?|!=)\s*(.*)$/.exec(term);
  if (pair !== null) {
    const [, key = '', operator, value = ''] = pair;
    return (labels) => (labels[key] === value) === (operator !== '!=');
  }
  const key = /^(!?)([^\s!=,()]+)$/.exec(term);
  if (key === null) throw badRequest(`labelSelector '${term}' is not a selector.`);
  return (labels) => (labels[key[2] ?? ''] !== undefined) === (key[1] === '');
}
