const maxCauses = 8;

/**
 * An error and its causes as one line for people: `cannot poll: connect ECONNREFUSED 127.0.0.1:443`. A cause whose
 * text its wrapper already holds is not repeated.
 */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  let at: unknown = error;
  for (let depth = 0; at !== undefined && at !== null && depth < maxCauses; depth++) {
    const text = oneError(at);
    if (text !== '' && !parts.some((part) => part.includes(text))) parts.push(text);
    at = at instanceof Error ? (at.cause ?? soleError(at)) : undefined;
  }
  return parts.join(': ') || 'unknown error';
}

function oneError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : `thrown ${typeof error}`;
  // A refused connection to a name with several addresses is an AggregateError with an empty message.
  return error.message || (soleError(error) === undefined ? error.name : '');
}

function soleError(error: Error): unknown {
  return error instanceof AggregateError ? (error.errors as unknown[])[0] : undefined;
}
