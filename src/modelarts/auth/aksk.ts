import type { Clock } from '../../runtime/clock.ts';
import { toleratedClockSkewMs, type Credential } from './credential.ts';
import { sign, type SigningKey } from './sign.ts';

export interface AccessKeyOptions extends SigningKey {
  /** Of a temporary key. */
  readonly securityToken?: string;
  readonly projectID: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** An access key: each try is signed with the time at which it is sent. */
export function accessKey(options: AccessKeyOptions): Credential {
  return {
    dated: true,
    authorize: async (request) => {
      const headers: Record<string, string> = { ...request.headers, 'x-project-id': options.projectID };
      if (options.securityToken !== undefined) headers['x-security-token'] = options.securityToken;
      const signature = sign(options, {
        method: request.method,
        url: request.url,
        headers,
        now: options.clock.now(),
      });
      return { ...headers, ...signature.headers };
    },
    // A wrong clock stays wrong: another try would only count as one more refused signature, and those lock the key.
    onUnauthorized: ({ clockSkewMs }) => (Math.abs(clockSkewMs) <= toleratedClockSkewMs ? 'retry' : 'giveUp'),
    expiresAt: () => undefined,
    secrets: () =>
      [options.accessKeyID, options.secretAccessKey, options.securityToken].filter(
        (text) => text !== undefined,
      ),
  };
}
