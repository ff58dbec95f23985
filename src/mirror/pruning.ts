/**
 * Fields that the apiserver dropped because the installed CRD does not know them (invariant 12). A path names a field
 * from the value down: `driver.gpu.version`, `resources.available[].nodePool`, `labels["a.b"]`; `[]` stands for each
 * item of a list.
 */
type JSONObject = Readonly<Record<string, unknown>>;

/** The paths that are in `sent` and not in `answered`, the topmost of each branch; empty values are nobody's loss. */
export function prunedPaths(sent: unknown, answered: unknown): Set<string> {
  const paths = new Set<string>();
  collect(sent, answered, '', paths);
  return paths;
}

function collect(sent: unknown, answered: unknown, path: string, into: Set<string>): void {
  if (isEmpty(sent)) return;
  if (answered === undefined || answered === null) {
    if (path !== '') into.add(path);
  } else if (Array.isArray(sent)) {
    if (!Array.isArray(answered)) return;
    sent.forEach((item, i) => {
      // A list that came back shorter was not pruned but changed by someone; what is missing proves nothing.
      if (i < answered.length) collect(item, answered[i], `${path}[]`, into);
    });
  } else if (isObject(sent) && isObject(answered)) {
    for (const [key, value] of Object.entries(sent)) collect(value, answered[key], join(path, key), into);
  }
}

/** A copy of the value without those paths. */
export function omitPaths<T>(value: T, paths: ReadonlySet<string>): T {
  return paths.size === 0 ? value : (omit(value, '', paths) as T);
}

function omit(value: unknown, path: string, paths: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => omit(item, `${path}[]`, paths));
  if (!isObject(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    const here = join(path, key);
    if (!paths.has(here)) kept[key] = omit(field, here, paths);
  }
  return kept;
}

function join(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

function isObject(value: unknown): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.every(isEmpty);
  return isObject(value) && Object.values(value).every(isEmpty);
}
