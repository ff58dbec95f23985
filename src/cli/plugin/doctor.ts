import { doctor as examine } from '../doctor/doctor.ts';
import type { CommandContext } from '../context.ts';
import type { WhereOptions } from './options.ts';

/** The operator's doctor, with the rights and from the place of whoever runs kubectl. */
export function doctor(options: WhereOptions, context: CommandContext): Promise<number> {
  const { kubeconfig, context: contextName, namespace, output } = options;
  return examine(
    {
      ...(kubeconfig !== undefined && { kubeconfig }),
      ...(contextName !== undefined && { context: contextName }),
      ...(namespace !== undefined && { namespace: [namespace] }),
      output: output === 'table' ? 'text' : output,
      // What the operator refuses is for its own flags to say, and they are not known here.
      allowLocalEndpoints: true,
      allowInsecureHttp: false,
      leaderElectionId: 'modelarts-operator',
      shards: 1,
    },
    context,
  );
}
