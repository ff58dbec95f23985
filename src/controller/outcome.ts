/**
 * What an error means for the key that was worked on. The only place that decides it. Errors of kubernetes/ are known
 * by their shape (`name`, `code`, `reason`), because nothing here may import that folder.
 */
export type Outcome =
  /** Somebody else was faster, or the cache is behind: look again soon, and say nothing. */
  | { readonly do: 'again' }
  /** Look again with growing waits, and say so. */
  | { readonly do: 'backOff'; readonly loud: boolean }
  /** Trying the same again cannot help; a change of the world will bring the key back. */
  | { readonly do: 'stop'; readonly loud: boolean };

interface ApiErrorShape {
  readonly code: number;
  readonly reason: string;
  readonly details?: { readonly causes?: readonly { readonly reason?: string }[] } | undefined;
}

export function outcome(error: unknown): Outcome {
  const api = apiError(error);
  if (api === undefined) return { do: 'backOff', loud: true };
  switch (api.code) {
    case 404:
    case 409:
      return { do: 'again' };
    case 403:
      // Nothing can be created in a namespace that is going away, and nothing needs to be.
      return api.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true
        ? { do: 'stop', loud: false }
        : { do: 'backOff', loud: true };
    case 400:
    case 422:
      return { do: 'stop', loud: true };
    default:
      return { do: 'backOff', loud: true };
  }
}

function apiError(error: unknown): ApiErrorShape | undefined {
  for (let e = error, depth = 0; e instanceof Error && depth < 8; e = e.cause, depth++) {
    if (e.name === 'ApiError') return e as Error & ApiErrorShape;
  }
  return undefined;
}
