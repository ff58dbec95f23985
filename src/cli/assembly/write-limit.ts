import type { AdaptiveLimit } from '../../kubernetes/adaptive-limit.ts';
import type { CallGate } from '../../kubernetes/call-gate.ts';
import { leaseResource } from '../../kubernetes/lease.ts';
import type { RequestObservation } from '../../kubernetes/transport.ts';

/** Learns from each attempt of a write that passed the gate how many the apiserver takes at once. */
export function learning(
  limit: AdaptiveLimit,
  gate: Pick<CallGate, 'inFlight'>,
): (observation: RequestObservation) => void {
  return ({ method, resource, code, durationMs }) => {
    // Renewals of a Lease pass no gate, and are quicker than what does: by them every status would seem slow.
    if (method === 'GET' || resource === leaseResource.plural) return;
    limit.observe({ durationMs, refused: isOverload(code), inFlight: gate.inFlight });
  };
}

/** `<error>` is where no answer came. */
const isOverload = (code: string): boolean => code === '429' || !/^[1-4]/.test(code);
