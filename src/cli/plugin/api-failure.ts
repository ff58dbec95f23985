import { apiVersion, group } from '../../api/kinds/metadata.ts';
import { ApiError, TransportError, isForbidden, isUnauthorized, isUnknown } from '../../kubernetes/errors.ts';
import { CliFailure } from '../failure.ts';

/** What the apiserver was asked for, in the words of a Role. */
export interface Asked {
  readonly verb: 'list' | 'patch' | 'watch';
  /** `modelartspools` */
  readonly resource: string;
  /** Absent: in all namespaces. */
  readonly namespace: string | undefined;
}

/** One sentence with the next step for what an apiserver said, or did not say; other errors are given back. */
export function apiFailure(error: unknown, asked: Asked): unknown {
  if (isForbidden(error)) return forbidden(asked, error);
  // Of a list, only a kind that is not there can be the reason.
  if (isUnknown(error) && asked.verb !== 'patch') {
    return new CliFailure(
      `the cluster does not know ${asked.resource} of ${apiVersion}; install the CRDs with: modelarts-operator crds | kubectl apply --server-side -f -`,
    );
  }
  if (isUnauthorized(error)) {
    return new CliFailure(
      'the apiserver refused the credentials of the kubeconfig; renew them, or name other ones with --kubeconfig or --context',
    );
  }
  if (error instanceof ApiError || error instanceof TransportError) {
    const what = error instanceof ApiError ? 'could not answer' : 'does not answer';
    return new CliFailure(`the apiserver ${what}; check the kubeconfig and the network, and try again`, {
      cause: error,
    });
  }
  return error;
}

function forbidden({ verb, resource, namespace }: Asked, cause: unknown): CliFailure {
  const where = namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`;
  const less = namespace === undefined ? ', or name a namespace with -n' : '';
  const role = verb === 'patch' ? '' : "; a cluster's role view includes it";
  return new CliFailure(
    `you may not ${verb} ${resource}.${group} ${where}: ask for a Role with the verb ${verb} on it${role}${less}`,
    // The apiserver's own words only repeat it.
    cause instanceof ApiError ? {} : { cause },
  );
}
