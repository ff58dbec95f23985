import type { SecretContent } from '../api/credentials.ts';
import { CliFailure } from './failure.ts';

/** What commands that need no cluster take from the environment; names as Huawei Cloud's SDKs have them. */
export interface CredentialVariables {
  /** MODELARTS_TOKEN: an IAM token. */
  readonly token?: string | undefined;
  /** HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK: an access key. */
  readonly accessKeyID?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** HUAWEICLOUD_SDK_SECURITY_TOKEN: what makes it a temporary one. */
  readonly securityToken?: string | undefined;
}

const names = {
  token: 'MODELARTS_TOKEN',
  accessKeyID: 'HUAWEICLOUD_SDK_AK',
  secretAccessKey: 'HUAWEICLOUD_SDK_SK',
  securityToken: 'HUAWEICLOUD_SDK_SECURITY_TOKEN',
} as const satisfies Record<keyof CredentialVariables, string>;

const howTo =
  `set ${names.token}, or ${names.accessKeyID} and ${names.secretAccessKey} ` +
  `(and ${names.securityToken} for a temporary key)`;

/**
 * The credential of the environment, in the form of the Secret that a ModelArtsProject would name. Throws CliFailure
 * (exit code 2), naming variables and never values.
 */
export function credentialsOf(variables: CredentialVariables): SecretContent {
  const keys = (Object.keys(names) as (keyof CredentialVariables)[]).filter((key) => variables[key]);
  if (keys.length === 0) throw wrong(`there are no credentials in the environment; ${howTo}`);
  if (variables.token && keys.length > 1) {
    throw wrong(
      `the environment holds two credentials (${keys.map((key) => names[key]).join(', ')}); ${howTo}`,
    );
  }
  if (!variables.token && !(variables.accessKeyID && variables.secretAccessKey)) {
    throw wrong(
      `the environment holds a part of a credential (${keys.map((key) => names[key]).join(', ')}); ${howTo}`,
    );
  }
  const unsendable = keys.find((key) => !/^[\x21-\x7e]+$/.test(variables[key] ?? ''));
  if (unsendable !== undefined) {
    throw wrong(
      `${names[unsendable]} must hold only visible ASCII characters, without blanks or line breaks`,
    );
  }
  const data = keys.map((key) => [key, Buffer.from(variables[key] ?? '').toString('base64')] as const);
  return { type: 'Opaque', data: Object.fromEntries(data) };
}

function wrong(message: string): CliFailure {
  return new CliFailure(message, { exitCode: 2 });
}
