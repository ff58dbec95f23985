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

/**
 * The rule of an object that holds the endpoint at `path`: https, or http where it cannot leave the machine or where
 * the user said so in `tls.allowInsecureHTTP`. What is no URL is left to the rules of the field.
 */
export function transportRule(name: string, path: string, present?: string): Rule {
  const url = `url(self.${path})`;
  const loopback =
    `(${url}.getHostname() == 'localhost' || ` +
    `(isIP(${url}.getHostname()) && ip(${url}.getHostname()).isLoopback()))`;
  return {
    rule:
      `${present === undefined ? '' : `!${present} || `}!isURL(self.${path}) || ${url}.getScheme() == 'https' || ` +
      `(${url}.getScheme() == 'http' && ` +
      `(${loopback} || (has(self.tls) && has(self.tls.allowInsecureHTTP) && self.tls.allowInsecureHTTP)))`,
    message:
      `\`${name}\` must begin with 'https://'; ` +
      "'http://' is for loopback addresses, or where `tls.allowInsecureHTTP` is true",
    fieldPath: `.${path}`,
  };
}
