import { spawn } from 'node:child_process';

/** There is no Go on this machine. */
export class GoMissing extends Error {
  override readonly name = 'GoMissing';
}

interface GoRun {
  /** A folder of the module that is meant. */
  cwd: string;
  signal?: AbortSignal | undefined;
  /** Called about every ten seconds with the seconds and the packages so far. */
  progress?: (seconds: number, packages: number) => void;
}

/**
 * Runs `go` without cgo; resolves to the seconds it took.
 *
 * @throws GoMissing, or Error that ends with what Go said.
 */
export async function runGo(args: string[], { cwd, signal, progress }: GoRun): Promise<number> {
  const started = performance.now();
  const elapsed = (): number => Math.round((performance.now() - started) / 1000);
  const child = spawn('go', args, {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, CGO_ENABLED: '0' },
    ...(signal && { signal }),
  });
  const said: string[] = [];
  let packages = 0;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n').filter((each) => each !== '')) {
      // With -v, Go names each package that it compiles: a path and nothing else.
      if (/^[\w.~/-]+$/.test(line)) packages += 1;
      else if (!line.startsWith('go: downloading')) said.push(line);
    }
  });
  const reporter = setInterval(() => progress?.(elapsed(), packages), 10_000);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0)
      throw new Error(`go ${args[0]} failed: ${said.slice(-3).join(' | ') || `exit code ${code}`}`);
    return elapsed();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new GoMissing('no go on PATH', { cause: error });
    throw error;
  } finally {
    clearInterval(reporter);
  }
}
