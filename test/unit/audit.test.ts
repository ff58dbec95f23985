import { describe, expect, it } from '@jest/globals';

import { auditVerdict } from '../../tools/checks/audit.ts';

const warning = 'npm warn Unknown user config. This will stop working.\n';

describe('what npm audit says', () => {
  it('passes where nothing is known', () => {
    const output = `${warning}${JSON.stringify({ vulnerabilities: {}, metadata: { vulnerabilities: { total: 0 } } })}`;
    expect(auditVerdict({ code: 0, output })).toEqual({ is: 'passed' });
  });

  it('fails by the names of packages with known holes', () => {
    const vulnerabilities = { undici: { severity: 'high', via: ['a leak'] } };
    const output = `${JSON.stringify({ vulnerabilities, metadata: { vulnerabilities: { high: 1 } } })}\n`;
    expect(auditVerdict({ code: 1, output })).toEqual({
      is: 'failed',
      output: 'undici: high\nnpm audit says more.',
    });
  });

  it.each([
    [
      'a registry that has no audit',
      `${warning}{ "message": "405 Method Not Allowed", "error": { "summary": "" } }`,
    ],
    ['a registry that does not answer', 'npm error code ENOTFOUND'],
    ['half an answer', '{ "vulnerabilities": {'],
  ])('counts as skipped, with the reason, for %s', (_what, output) => {
    expect(auditVerdict({ code: 1, output })).toEqual({
      is: 'skipped',
      reason: 'the registry gave no audit',
    });
  });
});
