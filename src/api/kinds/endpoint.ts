import type { TUnsafe } from 'typebox';
import { text, type Rule } from '../schema/fields.ts';

/** A base URL. What may stand in it is checked by the apiserver; whether http is allowed, by `transportRule`. */
export function endpoint(name: string, description: string): TUnsafe<string> {
  return text(description, {
    minLength: 1,
    maxLength: 512,
    rules: [
      {
        rule: "isURL(self) && url(self).getHostname() != ''",
        message: `\`${name}\` must be an absolute URL such as 'https://modelarts.example.com'`,
      },
      {
        rule: "!self.contains('@')",
        message: `\`${name}\` must not hold a user name or password; put credentials in the Secret`,
      },
      {
        rule: "!self.contains('?') && !self.contains('#')",
        message: `\`${name}\` must not have a query or a fragment`,
      },
    ],
  });
}

/** Whole, with what may follow a host: a prefix alone would let `http://127.0.0.1@example.com` through. */
const loopback =
  '^http://(localhost|127[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}|[[]::1[]])(:[0-9]{1,5})?(/.*)?$';

/**
 * The rule of an object that holds the endpoint at `path`: https, or http where it cannot leave the machine or where
 * the user said so in `tls.allowInsecureHTTP`. What is no URL is left to the rules of the field. Written with
 * patterns: the apiserver's cost estimate knows no bound for the parts that url() returns.
 */
export function transportRule(path: string, present?: string): Rule {
  const field = `self.${path}`;
  return {
    rule:
      `${present === undefined ? '' : `!${present} || `}!isURL(${field}) || ${field}.startsWith('https://') || ` +
      `${field}.matches('${loopback}') || (${field}.startsWith('http://') && ` +
      'has(self.tls) && has(self.tls.allowInsecureHTTP) && self.tls.allowInsecureHTTP)',
    message:
      `\`${path}\` must begin with 'https://'; ` +
      "'http://' is for loopback addresses, or where `tls.allowInsecureHTTP` is true",
    fieldPath: `.${path}`,
  };
}
