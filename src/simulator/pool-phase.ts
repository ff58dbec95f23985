import type { SimNode, SimPool } from './model.ts';

const eventLimit = 1000;
const states: readonly SimNode['phase'][] = ['Available', 'Abnormal', 'Creating', 'Deleting'];

/** Lets phase and message follow from nodes and life, and tells of changes as the service does, by events. */
export function refreshPhase(pool: SimPool, now: number): void {
  const counts = states.map((state) => pool.nodes.filter((node) => node.phase === state).length);
  const { phase, message } = pool.heldPhase ?? derive(pool, counts);
  if (phase !== pool.phase) {
    const details = message === '' ? '' : `, details: ${message}`;
    tell(
      pool,
      now,
      phase === 'Running' ? 'Normal' : 'Warning',
      'PoolStatusChange',
      `Pool status changed, from ${pool.phase} to ${phase}${details}.`,
    );
  }
  const told = counts.join('/');
  if (told !== pool.nodeCounts) {
    tell(
      pool,
      now,
      'Normal',
      'PoolResourcesStatusChange',
      `Pool resources status changed, available/abnormal/creating/deleting count from ${pool.nodeCounts} to ${told}, ` +
        `timestamp: ${Math.floor(now / 1000)}.`,
    );
  }
  pool.phase = phase;
  pool.message = message;
  pool.nodeCounts = told;
}

function derive(
  pool: SimPool,
  [available = 0, abnormal = 0]: readonly number[],
): { phase: string; message: string } {
  if (pool.life === 'Deleting') return { phase: 'Deleting', message: '' };
  if (pool.life === 'Creating') return { phase: 'Creating', message: 'cluster is being created' };
  if (abnormal === 0) return { phase: 'Running', message: '' };
  const message = `${abnormal} of ${pool.nodes.length} nodes are not reachable`;
  return { phase: available === 0 ? 'Abnormal' : 'Running', message };
}

function tell(pool: SimPool, at: number, type: 'Normal' | 'Warning', reason: string, message: string): void {
  pool.events.push({ at, type, reason, message });
  if (pool.events.length > eventLimit) pool.events.splice(0, pool.events.length - eventLimit);
}
