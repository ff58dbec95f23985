import { delimiter } from 'node:path';

const variable = 'MODELARTS_TEST_KUBECONFIG';

/** A kubeconfig for each of jest's workers, as an environment names them; none where it says nothing. */
export const kubeconfigsOf = (env: NodeJS.ProcessEnv): string[] =>
  (env[variable] ?? '').split(delimiter).filter((path) => path !== '');

/** The part of an environment that names them. */
export const kubeconfigsIn = (paths: readonly string[]): NodeJS.ProcessEnv => ({
  [variable]: paths.join(delimiter),
});
