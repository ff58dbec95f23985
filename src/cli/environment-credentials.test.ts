import { describe, expect, it } from '@jest/globals';

import { parseCredentials } from '../api/credentials.ts';
import { credentialsOf, type CredentialVariables } from './environment-credentials.ts';
import { CliFailure } from './failure.ts';

describe('credentialsOf', () => {
  it.each<[CredentialVariables, object]>([
    [{ token: 'abc' }, { type: 'token', token: 'abc' }],
    // What a shell exports empty is not set.
    [
      { token: '', accessKeyID: 'ak', secretAccessKey: 'sk' },
      { type: 'aksk', accessKeyID: 'ak', secretAccessKey: 'sk' },
    ],
    [
      { accessKeyID: 'ak', secretAccessKey: 'sk', securityToken: 'st' },
      { type: 'aksk', accessKeyID: 'ak', secretAccessKey: 'sk', securityToken: 'st' },
    ],
  ])('reads as a Secret would be read: %j', (variables, credentials) => {
    expect(parseCredentials(credentialsOf(variables))).toEqual({ ok: true, credentials });
  });

  it.each<[CredentialVariables, RegExp]>([
    [
      {},
      /no credentials in the environment; set MODELARTS_TOKEN, or HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK/,
    ],
    [{ token: 'abc', accessKeyID: 'ak' }, /two credentials \(MODELARTS_TOKEN, HUAWEICLOUD_SDK_AK\)/],
    [{ accessKeyID: 'ak' }, /a part of a credential \(HUAWEICLOUD_SDK_AK\)/],
    [{ securityToken: 'st' }, /a part of a credential \(HUAWEICLOUD_SDK_SECURITY_TOKEN\)/],
    [{ token: 'abc\n' }, /MODELARTS_TOKEN must hold only visible ASCII/],
  ])('refuses %j, and names variables only', (variables, message) => {
    expect(() => credentialsOf(variables)).toThrow(message);
    try {
      credentialsOf(variables);
    } catch (error) {
      expect(error).toBeInstanceOf(CliFailure);
      expect((error as CliFailure).exitCode).toBe(2);
    }
  });
});
