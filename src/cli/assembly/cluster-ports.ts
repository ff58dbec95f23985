import type { EventSink, SecretReader } from '../../controller/ports.ts';
import { isForbidden, isNotFound } from '../../kubernetes/errors.ts';
import type { EventRecorder } from '../../kubernetes/event-recorder.ts';
import type { KubernetesObject, ResourceDefinition } from '../../kubernetes/objects.ts';
import type { ResourceClient } from '../../kubernetes/resource-client.ts';

export const secretResource: ResourceDefinition = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
};

export interface SecretObject extends KubernetesObject {
  type?: string;
  data?: Record<string, string>;
}

/** Reads a Secret by its name; they are never listed, watched or kept. */
export function secretReader(client: ResourceClient<SecretObject>): SecretReader {
  return {
    read: async (namespace, name, signal) => {
      try {
        const { metadata, type, data } = await client.get({ namespace, name }, { signal });
        return { type, data, resourceVersion: metadata.resourceVersion ?? '' };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        if (isForbidden(error)) return 'forbidden';
        throw error;
      }
    },
  };
}

export function eventSink(recorder: EventRecorder): EventSink {
  return {
    publish: (regarding, { type, reason, note }) =>
      recorder.record({ regarding, type, reason, note, action: 'Mirror' }),
  };
}
