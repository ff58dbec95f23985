import type { RequestOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import type { KubeConfig, User } from '@kubernetes/client-node';

/**
 * Puts the current cluster's TLS settings and the current user's credential into `https`. Throws where a token file or a
 * credential plugin gave none, as client-go does: the library would go on as nobody, or stumble over it.
 */
export async function applyCredential(config: KubeConfig, https: RequestOptions): Promise<void> {
  const user = config.getCurrentUser();
  if (user?.exec) return applyExec(config, user, https);
  await config.applyToHTTPSOptions(https);
  const tokenFile = tokenFileOf(config);
  if (tokenFile !== undefined && !tokenOf(https)) throw new Error(`the token file ${tokenFile} is empty`);
}

export function tokenFileOf(config: KubeConfig): string | undefined {
  const provider = config.getCurrentUser()?.authProvider as { config?: { tokenFile?: string } } | undefined;
  return provider?.config?.tokenFile;
}

async function applyExec(config: KubeConfig, user: User, https: RequestOptions): Promise<void> {
  await config.applyToHTTPSOptions(https).catch((error: unknown) => {
    const given = whatStumbled(error);
    throw given === undefined ? error : gave(user, given);
  });
  const given = whatIsNoCredential(https);
  if (given !== undefined) throw gave(user, given);
}

/** What of a plugin's answer the library stumbled over. */
function whatStumbled(error: unknown): string | undefined {
  if (error instanceof SyntaxError) return 'an answer that is not JSON';
  // Those that Node.js throws for a command that it cannot start have a code.
  if (error instanceof TypeError && !('code' in error)) return 'an answer without a status';
  return undefined;
}

function whatIsNoCredential(https: RequestOptions): string | undefined {
  const { cert, key } = https;
  if (cert === undefined || key === undefined) {
    return tokenOf(https) ? undefined : 'neither a token nor a certificate with its key';
  }
  try {
    createSecureContext({ cert, key });
    return undefined;
  } catch {
    return 'a certificate and a key that cannot be used';
  }
}

function tokenOf({ headers }: RequestOptions): string | undefined {
  const { Authorization: value } = (headers ?? {}) as { Authorization?: string };
  return value?.replace('Bearer', '').trim();
}

/** Neither the answer nor the library's error, which quotes from it: a token may be in it. */
function gave(user: User, what: string): Error {
  const { command } = user.exec as { command?: string };
  return new Error(
    `the credential plugin ${command} of the user ${user.name} gave ${what}; ` +
      'it must print an ExecCredential with a token or a certificate',
  );
}
