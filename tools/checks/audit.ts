import { runCommand, type Finished } from '../run-command.ts';
import { failed, passed, skipped, type Check, type Verdict } from './check.ts';

const patienceMs = 20_000;

interface Report {
  error?: { summary?: string };
  metadata?: { vulnerabilities?: Record<string, number> };
  vulnerabilities?: Record<string, { severity: string; via: unknown[] }>;
}

/** Known holes, high or critical, in what the product ships. Not every registry offers the audit. */
export const auditCheck: Check = {
  name: 'no known holes in dependencies',
  run: async (signal) => {
    const command = [
      'npm',
      'audit',
      '--omit=dev',
      '--audit-level=high',
      '--json',
      '--fetch-retries=0',
    ] as const;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const finished = await runCommand(command, limit).catch(() => undefined);
    if (finished === undefined) return skipped(`npm audit gave no answer within ${patienceMs / 1000} s`);
    return auditVerdict(finished);
  },
};

/** What `npm audit --json` comes to. A registry without an audit answers with an error, and so does none at all. */
export function auditVerdict({ code, output }: Finished): Verdict {
  const report = parse(output);
  if (report?.metadata?.vulnerabilities === undefined) return skipped('the registry gave no audit');
  if (code === 0) return passed;
  const found = Object.entries(report.vulnerabilities ?? {}).map(
    ([name, { severity }]) => `${name}: ${severity}`,
  );
  return failed(`${found.join('\n')}\nnpm audit says more.`);
}

/** npm prints warnings around its JSON. */
function parse(output: string): Report | undefined {
  try {
    return JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as Report;
  } catch {
    return undefined;
  }
}
