import { readFile } from 'node:fs/promises';

import { apiVersion } from '../api/kinds/metadata.ts';
import type { ModelArtsProject, ModelArtsProjectSpec } from '../api/kinds/modelarts-project.ts';
import { isLoopback } from '../modelarts/address.ts';
import type { EndpointOptions } from './endpoint-options.ts';
import { CliFailure } from './failure.ts';

/** The Secret that the project of the flags names: what the environment holds stands in for it. */
const environmentSecret = 'environment';

/** The ModelArtsProject that these flags describe, as a person would write it. Rejects with CliFailure. */
export async function projectOfFlags(
  options: EndpointOptions,
  more: Partial<ModelArtsProjectSpec> = {},
): Promise<ModelArtsProject> {
  const { endpoint, projectId, namespace, name, workspaces, userId, region, caFile } = options;
  const { protocol, hostname } = new URL(endpoint);
  if (protocol === 'http:' && !options.allowInsecureHttp && !isLoopback(hostname)) {
    throw new CliFailure(
      `${endpoint} must begin with https://; with --allow-insecure-http the credential travels in the clear`,
      { exitCode: 2 },
    );
  }
  const caBundle = caFile === undefined ? undefined : await readBundle(caFile);
  return {
    apiVersion,
    kind: 'ModelArtsProject',
    metadata: { name, namespace },
    spec: {
      endpoint,
      projectID: projectId,
      credentials: { secretRef: { name: environmentSecret } },
      ...(region !== undefined && { region }),
      ...(userId !== undefined && { userID: userId }),
      tls: {
        allowInsecureHTTP: options.allowInsecureHttp,
        ...(caBundle !== undefined && { caBundle }),
      },
      ...(workspaces && { discovery: { workspaces: [...workspaces] } }),
      ...more,
    },
  };
}

async function readBundle(file: string): Promise<string> {
  const pem = await readFile(file).catch((error: unknown) => {
    throw new CliFailure(`cannot read ${file}; name a file of PEM certificates with --ca-file`, {
      exitCode: 2,
      cause: error,
    });
  });
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new CliFailure(`${file} holds no PEM certificate; name a file of them with --ca-file`, {
      exitCode: 2,
    });
  }
  return pem.toString('base64');
}
