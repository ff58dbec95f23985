/** A line that is no JSON, or longer than anything a watch may hold. The line itself is not kept: it may hold anything. */
class UndecodableLine extends Error {
  override readonly name = 'UndecodableLine';
}

/** Etcd refuses objects over 1.5 MB by default; a watch event is one object. */
const defaultMaxLineBytes = 16 * 1024 * 1024;

/**
 * The JSON values of a stream of lines. A last line without its newline is the stream having been cut, and is dropped.
 * Throws UndecodableLine.
 */
export async function* jsonLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number = defaultMaxLineBytes,
): AsyncGenerator<unknown> {
  let partial: Uint8Array[] = [];
  let partialBytes = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let to = chunk.indexOf(newline); to !== -1; to = chunk.indexOf(newline, from)) {
      const line = text(partial, chunk.subarray(from, to));
      partial = [];
      partialBytes = 0;
      from = to + 1;
      if (line.trim() !== '') yield decode(line);
    }
    if (from < chunk.length) {
      partial.push(chunk.subarray(from));
      partialBytes += chunk.length - from;
      if (partialBytes > maxLineBytes) throw new UndecodableLine(`a line of more than ${maxLineBytes} bytes`);
    }
  }
}
const newline = 0x0a;

function text(partial: readonly Uint8Array[], rest: Uint8Array): string {
  return Buffer.concat([...partial, rest]).toString('utf8');
}

function decode(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new UndecodableLine(`a line of ${line.length} characters that is not JSON`);
  }
}
