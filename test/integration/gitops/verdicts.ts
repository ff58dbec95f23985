import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { parse } from 'yaml';

import { root } from '../../../tools/run-command.ts';

/** What the tools say of one object; as tools/gitops-health/main.go writes it. */
export interface Verdict {
  readonly argocd: { readonly status: string; readonly message: string };
  readonly kstatus: { readonly status: string; readonly message: string };
  readonly flux?: { readonly status: string };
}

/** A file of gitops/ as an object. */
export function gitopsFile<T>(name: string): T {
  return parse(readFileSync(join(root, 'gitops', name), 'utf8')) as T;
}

const healthKey = 'resource.customizations.health.modelarts-operator.dev_';

/** The scripts of a ConfigMap of Argo CD, by kind. */
export function luaOf(data: Readonly<Record<string, string>>): Record<string, string> {
  const keys = Object.keys(data).filter((key) => key.startsWith(healthKey));
  return Object.fromEntries(keys.map((key) => [key.slice(healthKey.length), data[key] ?? '']));
}

/** Verdicts on the objects, in their order, by the rules of gitops/ and the scripts given. */
export async function judge(
  program: string,
  lua: Readonly<Record<string, string>>,
  objects: readonly object[],
): Promise<Verdict[]> {
  const { healthCheckExprs } = gitopsFile<{ healthCheckExprs: { kind: string }[] }>(
    'flux/health-check-exprs.yaml',
  );
  const cel = Object.fromEntries(healthCheckExprs.map((each) => [each.kind, each]));
  const child = spawn(program, { stdio: 'pipe' });
  const ended = once(child, 'close');
  child.stdin.end(JSON.stringify({ lua, cel, objects }));
  const [said, verdicts, [code]] = await Promise.all([
    text(child.stderr),
    json(child.stdout).catch(() => []),
    ended,
  ]);
  if (code !== 0) throw new Error(`gitops-health: ${said}`);
  return verdicts as Verdict[];
}
