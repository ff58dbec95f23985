/** Flags and arguments of the commands that look at a cluster as kubectl does. */
import { InvalidArgumentError, Option, type Command } from 'commander';

import * as flags from '../flags.ts';
import type { Wanted } from './options.ts';
import { outputFormats } from './output.ts';

export function clusterFlags(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'kubeconfig to use (default: KUBECONFIG, then ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .addOption(
      new Option('-o, --output <format>', 'a table for people, or all of it for programs')
        .choices(outputFormats)
        .default('table'),
    );
}

/** With kubectl's way to say where. */
export function whereFlags(command: Command): Command {
  return clusterFlags(command)
    .option('-n, --namespace <name>', "namespace to look in (default: the context's)", flags.namespace)
    .addOption(
      new Option('-A, --all-namespaces', 'look in all namespaces').default(false).conflicts('namespace'),
    );
}

export function topFlags(command: Command): Command {
  return command.option('--once', 'print one table and end, also on a terminal', false);
}

/** `name` or `namespace/name`; a name may be any that people gave. */
export function wanted(text: string): Wanted {
  const slash = text.indexOf('/');
  const [namespace, name] = slash < 0 ? [undefined, text] : [text.slice(0, slash), text.slice(slash + 1)];
  if (name === '') throw new InvalidArgumentError("It must be 'NAME' or 'NAMESPACE/NAME'.");
  return { name, ...(namespace !== undefined && { namespace: flags.namespace(namespace) }) };
}
