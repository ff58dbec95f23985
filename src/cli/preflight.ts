import { apiVersion } from '../api/kinds/metadata.ts';
import { isUnauthorized, isUnknown } from '../kubernetes/errors.ts';
import type { Transport } from '../kubernetes/transport.ts';
import { CliFailure } from './failure.ts';

const deadlineMs = 10_000;

/**
 * One question to the apiserver before anything else: does it know our kinds? Rejects with CliFailure when it says no,
 * and, with `mustAnswer`, when it does not answer; without it a silent apiserver is left to the watches, which wait.
 */
export async function preflight(
  transport: Transport,
  options: { readonly signal: AbortSignal; readonly mustAnswer: boolean },
): Promise<void> {
  try {
    await transport.request({
      method: 'GET',
      path: `/apis/${apiVersion}`,
      deadlineMs,
      signal: options.signal,
    });
  } catch (error) {
    if (options.signal.aborted) return;
    if (isUnknown(error)) {
      throw new CliFailure(
        `the cluster does not know ${apiVersion}; install the CRDs with: modelarts-operator crds | kubectl apply --server-side -f -`,
      );
    }
    if (isUnauthorized(error)) {
      throw new CliFailure(
        'the apiserver refused the credentials of the kubeconfig; renew them and try again',
      );
    }
    if (options.mustAnswer) {
      throw new CliFailure('the apiserver does not answer; check the kubeconfig and the network', {
        cause: error,
      });
    }
  }
}
