import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { operations, type OperationName } from '../modelarts/endpoints.ts';
import { optionalParts, permissions } from '../modelarts/permissions.ts';
import { iamPolicy, policyRemarks, policyText } from './iam-policy.ts';

describe('iamPolicy', () => {
  it('allows what the requests of the operator need, once each, and nothing else', () => {
    expect(iamPolicy()).toEqual({
      Version: '1.1',
      Statement: [
        {
          Effect: 'Allow',
          Action: [
            'modelarts:pool:get',
            'modelarts:pool:list',
            'modelarts:trainJobVersion:list',
            'modelarts:workspace:list',
          ],
        },
      ],
    });
  });

  it.each([
    ['workspaces', ['pool:get', 'pool:list', 'trainJobVersion:list']],
    ['training-job-versions', ['pool:get', 'pool:list', 'workspace:list']],
    ['resource-specs', ['pool:get', 'pool:list', 'trainJobVersion:list', 'workspace:list']],
  ] as const)('leaves out what only %s need', (part, actions) => {
    expect(iamPolicy([part]).Statement[0].Action).toEqual(actions.map((action) => `modelarts:${action}`));
  });

  it('keeps what no project can do without', () => {
    expect(iamPolicy(optionalParts).Statement[0].Action).toEqual([
      'modelarts:pool:get',
      'modelarts:pool:list',
    ]);
  });

  it('names no action that could change anything', () => {
    for (const action of iamPolicy().Statement[0].Action)
      expect(action).toMatch(/^modelarts:\w+:(get|list)$/);
  });
});

describe('policyText', () => {
  it('is the same in JSON and in YAML', () => {
    const { Version, Statement } = iamPolicy();
    expect(JSON.parse(policyText({ output: 'json' }))).toEqual({ Version, Statement });
    expect(parse(policyText({ output: 'yaml' }))).toEqual({ Version, Statement });
    expect(policyText({ output: 'json' })).toMatch(/\}\n$/);
  });
});

describe('policyRemarks', () => {
  it('say which action no document names for its request', () => {
    expect(policyRemarks({ output: 'json' })).toEqual([
      'No document says what GET /v1/{project}/training-jobs/versions needs: modelarts:trainJobVersion:list is what ' +
        'its kin needs. Where no project reads it, leave it out with --skip training-job-versions.',
    ]);
    expect(policyRemarks({ output: 'json', skip: ['training-job-versions'] })).toEqual([]);
  });

  it('know every request', () => {
    const names = Object.keys(operations) as OperationName[];
    expect(names.filter((name) => permissions[name] === undefined)).toEqual([]);
  });
});
