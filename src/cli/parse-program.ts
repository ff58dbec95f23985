import { Command, CommanderError } from 'commander';

const badUsage = 2;

export interface RootOptions {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** A program without commands yet; those that are added take its settings over. */
export function rootCommand({ name, description, version, stdout, stderr }: RootOptions): Command {
  return new Command(name)
    .description(description)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .exitOverride()
    .configureOutput({ writeOut: stdout, writeErr: stderr })
    .configureHelp({ helpWidth: 100 })
    .showHelpAfterError()
    .allowExcessArguments(false);
}

/**
 * Reads the arguments (without node and script) and carries the command out; resolves with the exit code that it gave to
 * `done`: 2, and usage on standard error, for a bad flag. What a command rejects with goes to the caller.
 */
export async function parseProgram(
  args: readonly string[],
  create: (done: (exitCode: number) => void) => Command,
): Promise<number> {
  let exitCode = 0;
  const program = create((code) => (exitCode = code));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander asks for 1 on bad usage, and throws for help and version too.
    return error.exitCode === 0 ? 0 : badUsage;
  }
}
