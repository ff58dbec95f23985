import type { Credential } from './credential.ts';

/** A token that the user brought. Nothing can be done when it is refused: another must be brought. */
export function staticToken(token: string): Credential {
  return {
    dated: false,
    authorize: async () => ({ 'x-auth-token': token }),
    onUnauthorized: () => 'giveUp',
    expiresAt: () => undefined,
    secrets: () => [token],
  };
}
