import type { SimJob, SimPool } from './model.ts';
import { rfc3339, type Json } from './wire-text.ts';
import type { World } from './world.ts';

/** A plain copy of the world without its credentials; equal worlds give equal copies. */
export function snapshot(world: World, options: { jobs: boolean }): Json {
  return {
    time: rfc3339(world.now()),
    projects: [...world.projects.values()].map((project) => ({
      id: project.id,
      name: project.name,
      tokens: project.tokens.size,
      workspaces: [...project.workspaces.values()],
      pools: [...project.pools.values()].map((pool) => poolState(pool, options.jobs)),
    })),
    faults: world.faults.list(),
  };
}

function poolState(pool: SimPool, jobs: boolean): Json {
  return {
    id: pool.id,
    name: pool.displayName,
    workspace: pool.workspace,
    phase: pool.phase,
    message: pool.message,
    drivers: pool.drivers,
    scopes: pool.scopes,
    resources: pool.resources,
    nodes: pool.nodes.map((node) => ({
      name: node.name,
      ip: node.ip,
      flavor: node.flavor,
      az: node.az,
      phase: node.phase,
      driverVersion: node.driverVersion,
      cards: node.hardware.cards,
      free: { ...node.free },
      jobs: [...node.jobs].map((job) => job.uid),
    })),
    workloads: Object.fromEntries(
      [...pool.jobs.statistics()].map(([type, counts]) => [type, Object.fromEntries(counts)]),
    ),
    queue: pool.queue.map((job) => job.uid),
    ...(jobs ? { jobs: pool.jobs.list().map(jobState) } : {}),
  };
}

function jobState(job: SimJob): Json {
  return {
    uid: job.uid,
    type: job.type,
    name: job.jobName,
    status: job.status,
    priority: job.priority,
    nodes: job.nodeCount,
    cards: job.need.cards,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    hosts: job.hosts.map((node) => node.ip),
  };
}
