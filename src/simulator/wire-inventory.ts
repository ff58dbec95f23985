import { flavors, hardwareOf } from './flavors.ts';
import { driverKindOf } from './node-life.ts';
import type { SimNode, SimPool, SimProject } from './model.ts';
import { cpuQuantity, memoryQuantity, present, rfc3339, type Json } from './wire-text.ts';

const inUse = (node: SimNode): boolean => node.phase === 'Available' || node.phase === 'Abnormal';

/** Reference 6.5: one Node. */
export function nodeBody(node: SimNode): Json {
  const amounts = (cpuMilli: number, memoryMi: number, cards: number): Json =>
    present({
      cpu: cpuQuantity(cpuMilli),
      memory: memoryQuantity(memoryMi),
      [node.hardware.card === '' ? 'none' : node.hardware.card]:
        node.hardware.card === '' ? undefined : String(cards),
    });
  const { hardware, free } = node;
  const kind = driverKindOf(hardware.card);
  return {
    kind: 'Node',
    apiVersion: 'v2',
    metadata: { name: node.name, creationTimestamp: rfc3339(node.createdAt) },
    spec: { flavor: node.flavor },
    status: present({
      phase: node.phase,
      az: node.az,
      privateIp: node.ip,
      resources: amounts(hardware.cpuMilli, hardware.memoryMi, hardware.cards),
      availableResources:
        node.phase === 'Available' ? amounts(free.cpuMilli, free.memoryMi, free.cards) : amounts(0, 0, 0),
      driver:
        kind === undefined
          ? undefined
          : { phase: node.upgrading ? 'Updating' : 'Running', version: node.driverVersion },
    }),
  };
}

/** Reference 6.3: allocation and capacity of one pool. */
export function metricsBody(pool: SimPool, now: number): Json {
  const capacity: Record<string, number> = { cpu: 0, memory: 0 };
  const allocated: Record<string, number> = { cpu: 0, memory: 0 };
  const add = (sums: Record<string, number>, key: string, amount: number): void => {
    sums[key] = (sums[key] ?? 0) + amount;
  };
  for (const node of pool.nodes.filter(inUse)) {
    const { hardware, free } = node;
    add(capacity, 'cpu', hardware.cpuMilli);
    add(capacity, 'memory', hardware.memoryMi);
    add(allocated, 'cpu', hardware.cpuMilli - free.cpuMilli);
    add(allocated, 'memory', hardware.memoryMi - free.memoryMi);
    if (hardware.cards === 0) continue;
    add(capacity, hardware.model, hardware.cards);
    add(allocated, hardware.model, hardware.cards - free.cards);
  }
  // The documented sample mixes numbers and quantities.
  const value = ({ cpu = 0, memory = 0, ...cards }: Record<string, number>): Json => ({
    cpu: cpu % 1000 === 0 ? cpu / 1000 : cpuQuantity(cpu),
    memory: memoryQuantity(memory),
    ...cards,
  });
  const at = { timestamp: rfc3339(now), window: '1m' };
  return {
    table: {
      allocated: { value: value(allocated), ...at },
      capacity: { value: value(capacity), maxValue: value(capacity), ...at },
    },
    metadata: { name: pool.id },
  };
}

/** Reference 6.7. */
export function networkBody(name: string, project: SimProject): Json {
  return {
    kind: 'Network',
    apiVersion: 'v1',
    metadata: { name, creationTimestamp: rfc3339(project.createdAt), labels: { 'os.modelarts/name': name } },
    spec: { cidr: '192.168.0.0/16' },
    status: { phase: 'Active' },
  };
}

/** Reference 6.8. */
export function workspaceBody(project: SimProject, id: string): Json {
  const workspace = project.workspaces.get(id);
  return {
    id,
    name: workspace?.name ?? id,
    description: '',
    owner: '',
    auth_type: workspace?.authType ?? 'PUBLIC',
    enterprise_project_id: '0',
    enterprise_project_name: 'default',
    create_time: project.createdAt,
    update_time: project.createdAt,
    status: 'NORMAL',
    status_info: '',
  };
}

/** Reference 6.9. */
export function flavorBody(name: string, project: SimProject): Json {
  const hardware = hardwareOf(name);
  const cards = { type: hardware.model, size: hardware.cards, memory: '16Gi' };
  return {
    kind: 'ResourceFlavor',
    apiVersion: 'v1',
    metadata: { name, labels: { 'os.modelarts/scope': 'Train.Infer.Notebook' } },
    spec: present({
      cpu: String(hardware.cpuMilli / 1000),
      memory: memoryQuantity(hardware.memoryMi),
      gpu: driverKindOf(hardware.card) === 'gpu' ? cards : undefined,
      npu: driverKindOf(hardware.card) === 'npu' ? cards : undefined,
      billingModes: [0, 1],
    }),
    status: { phase: Object.fromEntries(project.azs.map((az) => [az, 'normal'])) },
  };
}

export const flavorNames: readonly string[] = [...flavors.keys()];

/** Reference 6.10. */
export function eventBody(event: SimPool['events'][number]): Json {
  return {
    kind: 'Event',
    apiVersion: 'v1',
    type: event.type,
    firstTimestamp: rfc3339(event.at),
    lastTimestamp: rfc3339(event.at),
    count: 1,
    reason: event.reason,
    message: event.message,
  };
}
