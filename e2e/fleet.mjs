// Runs suites against a fleet: node fleet.mjs tests/story.test.mjs … starts one in a temporary directory, runs them one
// after the other on its one site, and stops it. The exit status is theirs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { bin } from './site.mjs';

const dir = await mkdtemp(path.join(tmpdir(), 'tintype-e2e-fleet-'));
let said = '';
const fleet = spawn(bin, ['fleet', 'run', '--data', dir, '--addr', 'localhost:0'], { stdio: ['ignore', 'pipe', 'pipe'] });
const over = once(fleet, 'close');
fleet.stderr.on('data', (d) => { said += d; });

let suite;
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stopped = true;
    suite?.kill('SIGTERM');
    fleet.kill('SIGTERM');
  });
}

let status = 1;
try {
  const began = Date.now();
  const ready = (async () => {
    for await (const line of createInterface({ input: fleet.stdout })) {
      said += `${line}\n`;
      if (line.startsWith('ready ')) return line.slice('ready '.length);
    }
    throw new Error('the fleet ended before it was ready');
  })();
  const late = setTimeout(() => fleet.kill('SIGTERM'), 180_000);
  const url = await ready;
  clearTimeout(late);
  fleet.stdout.resume();
  console.log(`a fleet at ${url}, ready after ${((Date.now() - began) / 1000).toFixed(1)} s`);

  status = 0;
  for (const file of process.argv.slice(2)) { // in this order, which node --test would not keep
    suite = spawn(process.execPath, ['--test', '--test-reporter=spec', file], { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, TINTYPE_FLEET: dir } });
    const [code] = await once(suite, 'exit');
    if (code !== 0) status = 1;
    if (stopped) break;
  }
} catch (e) {
  console.error(e.message);
  status = 1;
} finally {
  fleet.kill('SIGTERM');
  const [code] = await over;
  if (status === 0 && code !== 0) {
    console.error(`stopping the fleet ended with ${code}`);
    status = 1;
  }
  if (status !== 0) console.error(`\nwhat the fleet said:\n${said}`);
  await rm(dir, { recursive: true, force: true });
}
process.exitCode = status;
