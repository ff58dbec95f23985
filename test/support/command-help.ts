import { runProgram, type Commands } from '../../src/cli/program.ts';

/** What `--help` of a command prints; of the program, where no command is named. No command is carried out. */
export async function commandHelp(...command: readonly string[]): Promise<string> {
  let text = '';
  const add = (part: string): string => (text += part);
  const commands = new Proxy({} as Commands, {
    get: () => () => Promise.reject(new Error('not to be carried out')),
  });
  await runProgram([...command, '--help'], {
    version: '0',
    defaultLogFormat: 'json',
    stdout: add,
    stderr: add,
    commands,
  });
  return text;
}

/** The flags that a help text lists, `--help` left out, sorted. */
export const flagsOf = (help: string): string[] =>
  [...help.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)]
    .map((match) => match[1]!)
    .filter((flag) => flag !== '--help')
    .sort();
