/**
 * What every npm script starts: `node tools/bootstrap.mjs <command> [args]`. Runs on Node 18 and newer with nothing
 * installed; installs the dependencies when they are missing or not those of the lock file, and hands over to
 * tools/<command>.ts under a Node that can run it. Plain JavaScript for that reason.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The first of its line that runs TypeScript as it is, which the tools rely on. */
const needed = { major: 22, minor: 18 };
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const commands = {
  demo: ['demo.ts'],
  test: ['test.ts'],
  check: ['check.ts'],
  build: ['build.ts'],
  generate: ['generate.ts'],
  bench: ['bench.ts'],
  sim: ['sim.ts'],
  mutation: ['mutation.ts'],
  soak: ['soak.ts'],
  'release-notes': ['release-notes.ts'],
  'cluster:up': ['cluster.ts', 'up'],
  'cluster:down': ['cluster.ts', 'down'],
};

class Failure extends Error {}

const say = (line) => console.error(line);

async function main([name, ...args]) {
  const command = commands[name];
  if (command === undefined)
    throw new Failure(`usage: node tools/bootstrap.mjs ${Object.keys(commands).join(' | ')}`);
  const [file, ...fixed] = command;
  const script = join(root, 'tools', file);
  if (!existsSync(script))
    throw new Failure(`${name} is not part of this checkout: tools/${file} is missing`);
  const stale = staleDependency();
  if (stale !== undefined) await install(stale);
  const node = findNode();
  return run(node, ['--disable-warning=ExperimentalWarning', script, ...fixed, ...args], {
    ...process.env,
    PATH: [dirname(node), process.env.PATH ?? ''].join(delimiter),
  });
}

/**
 * Compares the lock file with npm's own record of what it has installed; the record is written last, so that an
 * interrupted installation counts as none. Returns why an installation is due, undefined when none is.
 */
function staleDependency() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return 'they are not installed yet';
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(record);
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === '' || (optional && !installed[path])) continue;
    if (installed[path]?.version !== version)
      return `${path.replace(/^node_modules\//, '')} is not the lock file's`;
  }
  return undefined;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch (error) {
    throw new Failure(`${file} cannot be read (${error.message}): restore it, or remove node_modules`);
  }
}

async function install(why) {
  say(`installing dependencies: ${why}`);
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const progress = setInterval(() => say(`  npm ci: ${seconds()} s`), 10_000);
  // Install scripts would download outside the lock file; nothing here needs one.
  const npm = [...npmCommand(), 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const code = await run(npm[0], npm.slice(1), process.env).finally(() => clearInterval(progress));
  if (code !== 0)
    throw new Failure(
      `npm ci failed with exit code ${code}: see its message above; a registry must be reachable`,
    );
  say(`  dependencies installed in ${seconds()} s`);
}

/** The npm that runs us, else the one on PATH. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running !== undefined && /npm-cli\.c?js$/.test(running)) return [process.execPath, running];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

/** The Node that came with the dependencies, else our own if it is new enough. */
function findNode() {
  const bundled = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (existsSync(bundled)) return bundled;
  const own = process.versions.node;
  const [major, minor] = own.split('.').map(Number);
  if (major > needed.major || (major === needed.major && minor >= needed.minor)) return process.execPath;
  throw new Failure(
    `Node ${needed.major}.${needed.minor} or newer is needed and this is ${own}; none comes as a package for ${process.platform}-${process.arch}`,
  );
}

/** Runs a program on our terminal, passes signals on, and resolves to its exit code as a shell would give it. */
function run(program, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: 'inherit' });
    const forward = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const done = () => signals.forEach((signal) => process.removeListener(signal, forward));
    child.once('error', (error) => {
      done();
      reject(new Failure(`${program} does not start: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      done();
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(error instanceof Failure ? error.message : `tools/bootstrap.mjs failed: ${error.stack}`);
  process.exitCode = 1;
}
