import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const lifecycle = (name: string): string => `test/integration/lifecycle/${name}.test.ts`;
const invariant = (name: string): string => `test/integration/invariants/${name}.test.ts`;
const inModelArts = lifecycle('what-happens-in-modelarts');
const operator = 'src/controller/operator.test.ts';

/** Which test holds each row of docs/what-happens-when.md: a file, and a part of its title as it stands there. */
const tests: Readonly<Record<string, readonly [file: string, title: string]>> = {
  'A pool appears': [inModelArts, 'a pool appears, and then its jobs'],
  'Its phase, driver, node counts, scopes or restrictions change': [
    inModelArts,
    'phase, driver, nodes, scopes',
  ],
  'The same, in a field that the list of pools leaves out (`apiFeatures.poolList: Partial`)': [
    'src/controller/pool-observations.test.ts',
    'is the detail alone once the list proved partial',
  ],
  'A pool is renamed': [lifecycle('identity'), 'stays when the pool gets another display name'],
  'A pool gets the phase `Deleting`': [inModelArts, 'a pool is about to go'],
  'A pool is gone': [invariant('never-guess-a-deletion'), 'a pool goes after its confirmations'],
  'Many pools are gone at once': [invariant('never-guess-a-deletion'), 'of many pools at once none goes'],
  'They come back': [invariant('never-guess-a-deletion'), 'They were not gone after all'],
  'A job appears': [inModelArts, 'a job appears, moves on, ends'],
  'A job moves on (queued, placed, running, in trouble)': [inModelArts, 'a job appears, moves on, ends'],
  'A job moves up in the queue': [inModelArts, 'a job moves up in the queue'],
  'A job ends': [invariant('never-guess-a-deletion'), 'a job that ends is written in its end state'],
  'A job leaves the history (too old, or too many newer ones)': [
    invariant('quiet'),
    'lets history leave by age',
  ],
  'A job vanishes without having ended': [
    invariant('never-guess-a-deletion'),
    'a job that vanished goes after',
  ],
  "More than `deletion.maxPercent` of a pool's jobs vanish": [
    'src/controller/workload-pass.test.ts',
    'with more than maxPercent of its pool',
  ],
  'A resource specification appears, changes or sells out': [
    'test/integration/older-apis/resource-specs.test.ts',
    'follow what ModelArts says',
  ],
  'It is no longer offered': ['test/integration/older-apis/resource-specs.test.ts', 'one that is gone goes'],
  'Only a duration or a time of observation changes': [
    invariant('quiet'),
    'writes nothing while nothing changes',
  ],

  'The credential is refused (401)': [invariant('say-when-you-do-not-know'), "what: '401'"],
  'It is refused twice': [invariant('polite'), 'after two refusals asks no more'],
  'The Secret gets a new version': [lifecycle('credential-and-budget'), 'is used from the next poll on'],
  "The project id is not the credential's (403, or 404 `ModelArts.2786`)": [
    'test/integration/bad-input/conditions.ts',
    'a project that the credential is not for',
  ],
  'No answer, 5xx, a cut or malformed body': [invariant('say-when-you-do-not-know'), "what: '503'"],
  'Too many requests (429)': [invariant('polite'), 'waits as long as Retry-After says'],
  'It goes on for long': [invariant('say-when-you-do-not-know'), 'Unknown/Stale'],
  'It goes on': [invariant('polite'), 'to at most eight intervals'],
  'One complete read': [invariant('say-when-you-do-not-know'), 'one complete read turns everything back'],
  'One workspace or the jobs of one pool fail, the rest works': [
    invariant('one-bad-apple'),
    'a pool whose jobs cannot be listed keeps them',
  ],
  'A workspace is closed to the credential (403)': [
    invariant('one-bad-apple'),
    'a workspace that closes is named',
  ],
  "A part of a pool's answer cannot be decoded": [
    invariant('one-bad-apple'),
    'a pool that cannot be decoded',
  ],
  'A row of a list has no identity': [
    invariant('one-bad-apple'),
    'rows that are nothing at all hide no neighbour',
  ],
  'A page repeats or the rows shift while they are read': [
    'src/controller/walk.test.ts',
    'is not complete when a row before the last page went meanwhile',
  ],
  'The budget is too small': [
    lifecycle('credential-and-budget'),
    'is kept, and the intervals that it allows',
  ],
  'ModelArts sends a phase, state or type that is not documented': [
    lifecycle('words-of-modelarts'),
    "Hibernating: ['Unknown/UnknownPhase']",
  ],

  'A project is created': [operator, 'mirrors what there is'],
  'Its Secret is missing or wrong': ['test/integration/bad-input.test.ts', 'with exactly one Event'],
  'The Secret is put right': ['test/integration/bad-input.test.ts', 'works within a poll of being mended'],
  'The spec of a project changes': [operator, "describe('a changed spec'"],
  'The selection gets narrower': [lifecycle('discovery'), 'takes away what is no longer selected'],
  '`workloads.mode` or `types` leave jobs out': [operator, 'takes jobs away with mode None'],
  '`suspend: true`': [lifecycle('suspend-and-requests'), 'stops all reading and writing'],
  '`suspend` is taken back': [lifecycle('suspend-and-requests'), 'ends where it would have been without it'],
  'The annotation `modelarts-operator.dev/reconcile-requested-at` gets a new value': [
    lifecycle('suspend-and-requests'),
    'on a project reads all of it at once',
  ],
  'A pool is declared': [lifecycle('declaration'), 'becomes the declared one'],
  'A declared pool is deleted': [lifecycle('declaration'), 'is discovered again when a person deletes'],
  'Two pools are declared for one id': [lifecycle('declaration'), 'belongs to the oldest of several'],
  'A pool names a project that is not there': [lifecycle('declaration'), 'wait for their project'],
  'A discovered pool gets `kubectl apply`': [
    lifecycle('declaration'),
    'is deleted neither when it is not selected nor when ModelArts loses it',
  ],
  "A person changes a mirror's status, labels or owner (of a declared pool: its status)": [
    invariant('faithful'),
    'puts labels and owner references right',
  ],
  'A person deletes a mirror': [invariant('faithful'), 'brings a deleted mirror back'],
  'A project is deleted': [lifecycle('ownership'), 'keeps pools and workloads when the project is deleted'],
  'A namespace is deleted': [lifecycle('ownership'), 'is left in peace'],
  'The operator restarts': [invariant('crash-safe'), 'killed again and again'],
  'The leader stops': [lifecycle('commands'), 'in the next when that one stops'],
  'The leader dies or loses the apiserver': [
    'test/integration/kubernetes/leases-and-events.test.ts',
    'a leader cut off from the apiserver gives up',
  ],
  'The installed CRDs are older than the operator': [
    invariant('old-crds'),
    'says so with one Warning a kind',
  ],
};

describe('docs/what-happens-when.md', () => {
  const rows = read('docs/what-happens-when.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .map((line) => line.split(/(?<!\\)\|/)[1]!.trim())
    .filter((event) => event !== 'event');

  it('has a test for each row, and no row is forgotten', () => {
    expect(rows.filter((row) => !(row in tests))).toEqual([]);
    expect(Object.keys(tests).filter((row) => !rows.includes(row))).toEqual([]);
  });

  it.each(Object.entries(tests))('%s: its test is there', (_row, [file, title]) => {
    expect(read(file)).toContain(title);
  });
});
