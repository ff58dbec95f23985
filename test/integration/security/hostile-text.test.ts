import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { ModelArtsPool } from '../../../src/api/kinds/modelarts-pool.ts';
import { demoProjectID, demoToken } from '../../../src/simulator/scenarios/demo.ts';
import { root } from '../../../tools/run-command.ts';
import { messageOf } from '../../support/cluster-objects.ts';
import { eventually } from '../../support/eventually.ts';
import { Program } from '../../support/program.ts';
import { Stage } from '../../support/stage.ts';
import { aPool, alpha, smallWorld } from '../lifecycle/small-world.ts';

/** Colours, a title, a cleared screen, C1 controls, a bell, a reversed line, line breaks, markup, half a character. */
const hostile =
  '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u001b[2J \u009b31m \u0000 \u0008 \u202egnp.exe\u2066 ' +
  '\r\nlevel=error forged=true\u2028next <script>alert(1)</script> {{.Secret}} ${jndi:ldap://x} \ud800';
/** What would steer a terminal, turn a line around, or begin another. */
const steering = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

describe('hostile text of ModelArts', () => {
  let stage: Stage;
  let whileWell: ModelArtsPool | undefined;

  beforeAll(async () => {
    const pool = aPool(alpha, {
      name: 'n',
      wire: {
        metadata: {
          labels: { 'os.modelarts/name': hostile, [`key${hostile}`]: hostile },
          annotations: { 'os.modelarts/description': hostile },
        },
        spec: { jobFlavors: [hostile] },
        status: { message: `${hostile}${'x'.repeat(1_000_000)}` },
      },
    });
    const job = {
      name: 'job',
      uid: 'job-of-a-stranger',
      status: 'Running' as const,
      age: '2h',
      wire: {
        jobName: hostile,
        name: hostile,
        flavor: hostile,
        hostIps: hostile,
        gvk: hostile,
        type: hostile,
      },
    };
    const resourceSpec = {
      code: 'hostile',
      cores: 1,
      memoryGiB: 1,
      wire: { spec_code: hostile, gpu_type: hostile },
    };
    stage = await Stage.open({
      scenario: smallWorld({ pools: [{ ...pool, jobs: [job] }], resourceSpecs: [resourceSpec] }),
    });
    await stage.connect({ wait: false });
    await eventually(async () => expect((await stage.pool(alpha))?.status?.message).toBeDefined());
    await eventually(async () =>
      expect((await stage.cluster.workloads.all()).map(({ status }) => status?.phase)).toEqual(['Running']),
    );
    await eventually(async () =>
      expect(JSON.stringify((await stage.cluster.resourceSpecs.all()).map(({ status }) => status))).toMatch(
        /forged=true/,
      ),
    );
    // A change whose Event quotes it, and an error that does.
    await stage.settled();
    whileWell = await stage.pool(alpha);
    stage.simulator.act({ setPhase: { pool: alpha, phase: `Odd ${hostile.slice(0, 60)}` } });
    await eventually(async () =>
      expect((await stage.cluster.events.all()).some(({ reason }) => reason === 'PhaseChanged')).toBe(true),
    );
    stage.simulator.act({ fault: { status: 400, code: hostile, message: hostile, headers: { 'x-a': 'b' } } });
    await eventually(async () =>
      expect(JSON.stringify((await stage.cluster.projects.get('demo')).status)).toMatch(/forged=true/),
    );
  });
  afterAll(() => stage.close());

  /** Every text in a value, names of members too. */
  function* texts(value: unknown): Generator<string> {
    if (typeof value === 'string') yield value;
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        yield key;
        yield* texts(item);
      }
    }
  }

  it('is one harmless line in objects and Events, and keeps what is harmless', async () => {
    const { projects, pools, workloads, resourceSpecs, events } = stage.cluster;
    const objects = (
      await Promise.all([projects, pools, workloads, resourceSpecs, events].map((kind) => kind.all()))
    ).flat();
    expect([...texts(objects)].filter((text) => steering.test(text))).toEqual([]);
    expect(JSON.stringify(objects)).toContain('<script>alert(1)</script>');
  });

  it('is cut, and the condition says so', async () => {
    expect(whileWell?.status?.message?.length).toBeLessThanOrEqual(2048);
    expect(messageOf(whileWell, 'Synced')).toMatch(/Shortened to keep this object small: .*message/);
  });

  it('is harmless in the metrics', async () => {
    const metrics = await stage.operator.metrics.registry.metrics();
    expect(metrics.split('\n').filter((line) => steering.test(line))).toEqual([]);
    expect(metrics).not.toMatch(/^level=error/m);
  });

  it.each(['text', 'json'])('is harmless in logs as %s, and in what commands print', async (format) => {
    const at = ['--endpoint', stage.simulator.url, '--project-id', demoProjectID];
    const main = [process.execPath, join(root, 'src/main.ts')] as const;
    const env = { MODELARTS_TOKEN: demoToken };
    const commands = [
      ['doctor', ...at, '-o', format],
      ['export', ...at, '-o', format === 'json' ? 'json' : 'yaml', '--requests-per-second', '1000'],
    ];
    const programs = commands.map((args) => new Program([...main, ...args], { cwd: '/', env }));
    for (const { stdout, stderr } of await Promise.all(programs.map(({ ended }) => ended))) {
      const lines = `${stdout}\n${stderr}`.split('\n');
      expect(lines.filter((line) => steering.test(line))).toEqual([]);
      expect(lines.filter((line) => line.startsWith('level=error'))).toEqual([]);
    }
  });
});

describe('a header of ModelArts', () => {
  it('cannot become one of another request, nor stand in a message as it came', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(JSON.stringify(request.headers));
      response.writeHead(400, {
        'content-type': 'text/html; x="\\u001b[31m"',
        'x-request-id': hostile.replaceAll(/[^\x20-\x7e]/g, '?'),
      });
      response.end('<h1>no</h1>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const stage = await Stage.open({ scenario: smallWorld() });
    try {
      const { port } = server.address() as AddressInfo;
      await stage.connect({ wait: false, spec: { endpoint: `http://127.0.0.1:${port}` as never } });
      await eventually(() => asked.length >= 2);
      const status = await eventually(async () => {
        const text = JSON.stringify((await stage.cluster.projects.get('demo')).status);
        expect(text).toMatch(/HTTP 400/);
        return text;
      });
      expect(status).not.toMatch(/forged|<h1>|u001b/);
      expect(asked.join('\n')).not.toMatch(/forged|text\/html/);
      expect([
        ...new Set(
          asked.map((headers) =>
            Object.keys(JSON.parse(headers) as object)
              .sort()
              .join(),
          ),
        ),
      ]).toHaveLength(1);
    } finally {
      await stage.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
