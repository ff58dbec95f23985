import { describe, expect, it } from '@jest/globals';

import { choose } from '../../tools/control-plane/envtest-archive.ts';

const archive = (release: string, platform: string) => ({
  [`envtest-${release}-${platform}.tar.gz`]: {
    hash: `hash of ${release}`,
    selfLink: `https://example.com/${release}`,
  },
});
const index = {
  releases: {
    'v1.35.2': archive('v1.35.2', 'linux-amd64'),
    'v1.35.10': archive('v1.35.10', 'linux-amd64'),
    'v1.35.11': archive('v1.35.11', 'darwin-arm64'),
    'v1.35.12-rc.1': archive('v1.35.12-rc.1', 'linux-amd64'),
    'v1.36.0': archive('v1.36.0', 'linux-amd64'),
  },
};

describe('the choice of an envtest archive', () => {
  it('takes the newest patch release of the minor version that exists for the platform', () => {
    expect(choose(index, 'v1.35.4', 'linux-amd64')).toEqual({
      release: 'v1.35.10',
      url: 'https://example.com/v1.35.10',
      hash: 'hash of v1.35.10',
    });
  });

  it('says which version and platform are not published', () => {
    expect(() => choose(index, 'v1.34.1', 'linux-amd64')).toThrow(
      'no envtest archive of v1.34 is published for linux-amd64',
    );
    expect(() => choose(index, 'v1.35.4', 'win32-amd64')).toThrow('v1.35 is published for win32-amd64');
  });
});
