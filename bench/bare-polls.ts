/**
 * A program that asks for what a quiet operator asks for, as often, reads each answer to its end and drops it: what
 * polling alone costs. Arguments: the endpoint, the ids of the pools with commas between them, and the milliseconds between
 * two turns of one.
 */
import { Agent, request } from 'undici';

import { demoProjectID, demoToken } from '../src/simulator/scenarios/demo.ts';

const [endpoint = '', pools = '', interval = ''] = process.argv.slice(2);
const intervalMs = Number(interval);
const dispatcher = new Agent();
const headers = { accept: 'application/json', 'x-auth-token': demoToken };

async function read(path: string): Promise<void> {
  const { statusCode, body } = await request(`${endpoint}/v2/${demoProjectID}${path}`, {
    dispatcher,
    headers,
  });
  await body.arrayBuffer();
  if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}`);
}

async function turn(pool: string): Promise<void> {
  await read(`/statistics/pools/${pool}/workloads`);
  await read(`/pools/${pool}/workloads?status=Running&sort=create_time&ascend=true&offset=0&limit=500`);
}

const all = pools.split(',');
for (const [index, pool] of all.entries()) {
  // Spread evenly, as turns become.
  setTimeout(
    () => {
      void turn(pool);
      setInterval(() => void turn(pool), intervalMs);
    },
    (intervalMs * index) / all.length,
  );
}
