import { execFile } from 'node:child_process';

/** Runs kubectl; resolves with what it prints, rejects with what it complains about. */
export type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

export function kubectlFor(program: string, kubeconfig: string): Kubectl {
  return (args, input = '') =>
    new Promise((resolve, reject) => {
      const env = { ...process.env, KUBECONFIG: kubeconfig };
      const child = execFile(program, [...args], { env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`kubectl ${args.join(' ')}: ${stderr.trim() || error.message}`));
      });
      // kubectl may end without reading its input: that is not an error.
      child.stdin?.on('error', () => undefined).end(input);
    });
}
