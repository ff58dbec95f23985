import { object, text, type Rule } from '../schema/fields.ts';

const subdomain = '[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*';

const subdomainShape =
  "a name of lower case letters, digits, '-' and '.', that begins and ends with a letter or digit";

/** A value that a label can carry and that is safe as one segment of a URL path. */
const labelValuePattern = '^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$';

const labelValueShape =
  "a pool id of letters, digits, '-', '_' and '.', that begins and ends with a letter or digit";

/** Once set, the field stays as it is: it is part of what identifies the object. */
export function immutable(field: string): Rule {
  return { rule: 'self == oldSelf', message: `\`${field}\` must not change; create another object instead` };
}

/** The ModelArtsProject that the object belongs to. */
export function projectRef() {
  return object(
    'projectRef names the ModelArtsProject in the same namespace that the object is read through. It must not change.',
    {
      name: text('name is the metadata.name of the ModelArtsProject, at most 63 characters.', {
        minLength: 1,
        maxLength: 63,
        pattern: `^${subdomain}$`,
        shape: subdomainShape,
      }),
    },
    { rules: [immutable('projectRef')] },
  );
}

export function secretRef() {
  return object('secretRef names the Secret in the same namespace that holds the credentials.', {
    name: text('name is the metadata.name of the Secret.', {
      minLength: 1,
      maxLength: 253,
      pattern: `^${subdomain}$`,
      shape: subdomainShape,
    }),
  });
}

/** The id of a pool: `metadata.name` of the ModelArts pool. */
export function poolID(description: string, rules: readonly Rule[] = []) {
  return text(description, {
    minLength: 1,
    maxLength: 63,
    pattern: labelValuePattern,
    shape: labelValueShape,
    rules,
  });
}
