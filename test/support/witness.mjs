/**
 * Loaded into each Node of the tests before anything else (`NODE_OPTIONS=--import=…`, by tools/test.ts): counts the
 * requests that any HTTP server in the process gets, be it the simulator, a replay, a fake that misbehaves or a proxy.
 * Plain JavaScript, because what tests start may be an older Node. What the counts mean is for tools/read-only.ts to say.
 */
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env['MODELARTS_TEST_REQUESTS'];
const writeEveryMs = 100;

if (folder !== undefined) {
  /** @type {Map<string, number>} */
  const unwritten = new Map();
  let waiting = false;
  const write = () => {
    waiting = false;
    const lines = [...unwritten].map(([request, count]) => `${count} ${request}\n`);
    unwritten.clear();
    if (lines.length > 0) appendFileSync(join(folder, `${process.pid}.txt`), lines.join(''));
  };
  subscribe('http.server.request.start', (message) => {
    const { request } = /** @type {{ request: import('node:http').IncomingMessage }} */ (message);
    const line = `${request.method} ${request.url?.split('?', 1)[0]}`;
    unwritten.set(line, (unwritten.get(line) ?? 0) + 1);
    if (waiting) return;
    waiting = true;
    setTimeout(write, writeEveryMs).unref();
  });
  process.on('exit', write);
}
