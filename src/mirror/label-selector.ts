/** One requirement of a Kubernetes label selector. */
type Requirement =
  | { readonly key: string; readonly is: 'present' | 'absent' }
  | { readonly key: string; readonly is: 'in' | 'notIn'; readonly values: ReadonlySet<string> };

export interface LabelSelector {
  matches(labels: Readonly<Record<string, string>>): boolean;
}

export type ParsedSelector =
  { readonly ok: true; readonly selector: LabelSelector } | { readonly ok: false; readonly message: string };

const key = '([A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?)';
// Values are wider than those of Kubernetes: the display name of a pool is a label, and any text.
const value = '([^\\s,()=!]*)';
const forms = {
  exists: new RegExp(`^${key}$`),
  absent: new RegExp(`^!\\s*${key}$`),
  equals: new RegExp(`^${key}\\s*==?\\s*${value}$`),
  differs: new RegExp(`^${key}\\s*!=\\s*${value}$`),
  set: new RegExp(`^${key}\\s+(in|notin)\\s*\\(([^()]*)\\)$`),
} as const;
const oneValue = new RegExp(`^${value}$`);

/**
 * Reads a label selector in the syntax of kubectl, equality and set based: `a=b`, `a==b`, `a!=b`, `a in (b, c)`,
 * `a notin (b, c)`, `a`, `!a`, joined by commas. The empty text selects everything.
 */
export function parseLabelSelector(text: string): ParsedSelector {
  const requirements: Requirement[] = [];
  if (text.trim() !== '') {
    // Commas inside parentheses separate values, all others requirements.
    for (const piece of text.split(/,(?![^(]*\))/)) {
      const part = piece.trim();
      const requirement = parseRequirement(part);
      if (requirement === undefined) return { ok: false, message: notUnderstood(part) };
      requirements.push(requirement);
    }
  }
  return { ok: true, selector: { matches: (labels) => requirements.every((r) => satisfies(r, labels)) } };
}

function parseRequirement(part: string): Requirement | undefined {
  const exists = forms.exists.exec(part);
  if (exists?.[1] !== undefined) return { key: exists[1], is: 'present' };
  const absent = forms.absent.exec(part);
  if (absent?.[1] !== undefined) return { key: absent[1], is: 'absent' };
  const equals = forms.equals.exec(part);
  if (equals?.[1] !== undefined) return { key: equals[1], is: 'in', values: new Set([equals[2] ?? '']) };
  const differs = forms.differs.exec(part);
  if (differs?.[1] !== undefined)
    return { key: differs[1], is: 'notIn', values: new Set([differs[2] ?? '']) };
  const set = forms.set.exec(part);
  if (set?.[1] === undefined || set[3] === undefined) return undefined;
  const values = set[3].split(',').map((item) => item.trim());
  if (!values.every((item) => oneValue.test(item))) return undefined;
  return { key: set[1], is: set[2] === 'in' ? 'in' : 'notIn', values: new Set(values) };
}

/** As in Kubernetes, `!=` and `notin` also select what lacks the label. */
function satisfies(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const label = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  switch (requirement.is) {
    case 'present':
      return label !== undefined;
    case 'absent':
      return label === undefined;
    case 'in':
      return label !== undefined && requirement.values.has(label);
    case 'notIn':
      return label === undefined || !requirement.values.has(label);
  }
}

function notUnderstood(part: string): string {
  return (
    `The label selector has a part that cannot be read: "${part}". ` +
    'Write requirements such as a=b, a!=b, a in (b, c), a notin (b, c), a or !a, joined by commas.'
  );
}
