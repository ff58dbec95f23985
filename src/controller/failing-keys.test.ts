import { describe, expect, it } from '@jest/globals';

import { FailingKeys } from './failing-keys.ts';

const key = 'pool/team/vision/pool-a';

describe('FailingKeys', () => {
  it('names the projects of keys that failed, until a pass works', () => {
    const keys = new FailingKeys();
    keys.failed(key, { do: 'again' });
    keys.failed('project/team/speech', { do: 'backOff', loud: true });
    expect([...keys.projects()].sort()).toEqual(['team/speech', 'team/vision']);
    expect(keys.retrying).toBe(true);
    keys.succeeded(key);
    keys.succeeded('project/team/speech');
    expect(keys.projects().size).toBe(0);
    expect(keys.retrying).toBe(false);
  });

  it('gives up hope of a key that fails again and again, but not its name', () => {
    const keys = new FailingKeys();
    for (let tries = 1; tries < 6; tries++) keys.failed(key, { do: 'backOff', loud: true });
    expect(keys.retrying).toBe(true);
    keys.failed(key, { do: 'backOff', loud: true });
    expect(keys.retrying).toBe(false);
    expect([...keys.projects()]).toEqual(['team/vision']);
  });

  it('does not wait for what is not tried again, and passes over what need not be said', () => {
    const keys = new FailingKeys();
    keys.failed(key, { do: 'stop', loud: true });
    expect(keys.retrying).toBe(false);
    expect([...keys.projects()]).toEqual(['team/vision']);
    keys.failed(key, { do: 'stop', loud: false });
    expect(keys.projects().size).toBe(0);
  });
});
