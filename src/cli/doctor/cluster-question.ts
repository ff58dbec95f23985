import { isForbidden, isUnauthorized, isUnknown } from '../../kubernetes/errors.ts';
import type { Transport } from '../../kubernetes/transport.ts';
import { describeError } from '../../observability/describe-error.ts';
import { findingsOf, type Finding } from './finding.ts';

export interface ClusterQuestions {
  readonly transport: Transport;
  readonly signal: AbortSignal;
}

/** For each; a doctor that waits is no help. */
const deadlineMs = 10_000;

export type Answered<T> =
  | { readonly is: 'answered'; readonly value: T }
  | { readonly is: 'absent' | 'forbidden' }
  | { readonly is: 'failed'; readonly why: string };

/** Reads one path of the apiserver. Rejects only with the signal's reason. */
export function get<T>(
  cluster: ClusterQuestions,
  path: string,
  query?: Record<string, string>,
): Promise<Answered<T>> {
  return ask<T>(cluster, { method: 'GET', path, ...(query && { query }) });
}

/** An access review: a question, although it is a POST. */
export function review<T>(cluster: ClusterQuestions, path: string, body: object): Promise<Answered<T>> {
  return ask<T>(cluster, { method: 'POST', path, body });
}

async function ask<T>(
  { transport, signal }: ClusterQuestions,
  request: Pick<Parameters<Transport['request']>[0], 'method' | 'path' | 'query' | 'body'>,
): Promise<Answered<T>> {
  try {
    return { is: 'answered', value: await transport.request<T>({ ...request, deadlineMs, signal }) };
  } catch (error) {
    if (signal.aborted) throw error;
    if (isUnknown(error)) return { is: 'absent' };
    if (isForbidden(error)) return { is: 'forbidden' };
    if (isUnauthorized(error)) {
      return { is: 'failed', why: 'the apiserver refuses the credentials of the kubeconfig; renew them' };
    }
    return { is: 'failed', why: describeError(error) };
  }
}

/** What to say of a question that found no answer, where that is nobody's normal state. */
export function unanswered(
  say: ReturnType<typeof findingsOf>,
  answer: Exclude<Answered<unknown>, { is: 'answered' }>,
  what: string,
): Finding {
  switch (answer.is) {
    case 'absent':
      return say.fail(`there is no ${what}`);
    case 'forbidden':
      return say.warn(`not checked: this credential may not read ${what}`, 'run doctor with one that may');
    case 'failed':
      return say.fail(`${what} could not be read: ${answer.why}`, 'check the kubeconfig and the network');
  }
}
