/** Flags that commands have in common, in groups. */
import { Option, type Command } from 'commander';

import { logFormats, logLevels, type LogFormat } from '../observability/logger.ts';
import * as flags from './flags.ts';
import type { ShardOptions } from './options.ts';

/** Each is a Lease that is renewed every two seconds. */
const maxShards = 64;

export function endpointFlags(command: Command, mandatory: boolean): Command {
  return command
    .addOption(
      new Option('--endpoint <url>', 'base URL of ModelArts')
        .argParser(flags.endpoint)
        .makeOptionMandatory(mandatory),
    )
    .addOption(
      new Option('--project-id <id>', 'id of the project in ModelArts')
        .argParser(flags.projectID)
        .makeOptionMandatory(mandatory),
    );
}

export function connectionFlags(command: Command): Command {
  return command
    .option(
      '--workspaces <id>',
      "workspaces to read, repeatable; '*' asks ModelArts for the list (default: 0, the default workspace)",
      flags.listOf(flags.workspace),
    )
    .option('--user-id <id>', 'sent as X-ModelArts-User-ID, for workspaces that ask for it', flags.userID)
    .option('--region <name>', 'name of the region, for messages')
    .option('--ca-file <file>', 'PEM certificates to trust besides those of the system')
    .option(
      '--allow-insecure-http',
      'let an endpoint be http; the credential then travels in the clear',
      false,
    );
}

export function leaseFlags(command: Command, why: string): Command {
  return shardsFlag(
    leaseNameFlags(
      command.addOption(
        new Option('--leader-elect [boolean]', why).argParser(flags.boolean).preset('true').default(false),
      ),
    ),
    'with --leader-elect: divide the projects over so many Leases, so that replicas share them; the same in every replica',
  );
}

export function shardsFlag(command: Command, meaning: string): Command {
  return command.addOption(
    new Option('--shards <number>', meaning).argParser(flags.count(maxShards)).default(1),
  );
}

export function checkShards({ shards, leaderElect }: ShardOptions, command: Command): void {
  if (shards > 1 && !leaderElect) command.error("error: option '--shards <number>' needs '--leader-elect'");
}

export function leaseNameFlags(command: Command): Command {
  return command
    .option(
      '--leader-election-namespace <name>',
      "namespace of the Lease; required outside a cluster (default: the pod's)",
      flags.namespace,
    )
    .addOption(
      new Option('--leader-election-id <name>', 'name of the Lease')
        .argParser(flags.objectName)
        .default('modelarts-operator'),
    );
}

export function recordFlags(command: Command): Command {
  return command
    .option(
      '--record <file>',
      'append what ModelArts answers to this file, without secrets, for a bug report',
    )
    .option('--record-scramble-ids', 'in the recording, replace ids, names and addresses', false);
}

export function clusterFlags(command: Command, defaultLogFormat: LogFormat): Command {
  return whereFlags(command)
    .addOption(
      new Option('--log-level <level>', 'least level that is logged').choices(logLevels).default('info'),
    )
    .addOption(
      new Option('--log-format <format>', 'a JSON object or a readable text a line')
        .choices(logFormats)
        .default(defaultLogFormat),
    );
}

export function whereFlags(command: Command): Command {
  return command
    .option(
      '--kubeconfig <file>',
      "kubeconfig to use (default: KUBECONFIG, the pod's service account, ~/.kube/config)",
    )
    .option(
      '--namespace <name>',
      'namespace to watch, repeatable (default: all)',
      flags.listOf(flags.namespace),
    )
    .option(
      '--allowed-endpoint-hosts <glob>',
      "hosts that an endpoint may name, repeatable; '*' stands for any characters (default: every host)",
      flags.listOf(flags.hostGlob),
    )
    .option(
      '--allow-local-endpoints',
      'let an endpoint be a loopback, link-local or metadata address',
      false,
    );
}
