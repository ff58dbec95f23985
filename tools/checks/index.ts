import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { nodeProgram, root, runCommand } from '../run-command.ts';
import { auditCheck } from './audit.ts';
import { failed, passed, skipped, type Check } from './check.ts';
import { lockFileCheck, machinePathCheck } from './hygiene.ts';
import { licenceCheck } from './licences.ts';

/** A check that is a program: it passes when the program ends with 0, and shows what it said otherwise. */
function program(name: string, command: readonly [string, ...string[]]): Check {
  return {
    name,
    run: async (signal) => {
      const { code, output } = await runCommand(command, signal);
      return code === 0 ? passed : failed(output);
    },
  };
}

const generate = join(root, 'tools', 'generate.ts');
const generatedFilesCheck: Check = {
  name: 'generated files are fresh',
  run: (signal) =>
    existsSync(generate)
      ? program('', [process.execPath, generate, '--check']).run(signal)
      : Promise.resolve(skipped('nothing is generated yet')),
};

/** Slowest first: they run side by side. */
export const checks: readonly Check[] = [
  program('lint and import arrows', nodeProgram('eslint/bin/eslint.js', '.')),
  program('types', nodeProgram('typescript/bin/tsc', '-p', '.')),
  program('format', nodeProgram('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.')),
  program('no dead code', nodeProgram('knip/bin/knip.js', '--no-progress')),
  generatedFilesCheck,
  auditCheck,
  licenceCheck,
  lockFileCheck,
  machinePathCheck,
];
