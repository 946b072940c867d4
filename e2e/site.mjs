// The site that a suite tests: this program by itself, in a directory of its own; or, if TINTYPE_FLEET names the
// directory of a fleet that runs (e2e/fleet.mjs starts one), that fleet. The suites do not know which.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const here = path.dirname(new URL(import.meta.url).pathname);
export const bin = process.env.TINTYPE_BIN || path.join(here, '..', 'bin', 'tintype');
const fleetDir = process.env.TINTYPE_FLEET;

async function freePort() {
  const s = createServer().listen(0, '127.0.0.1');
  await once(s, 'listening');
  const { port } = s.address();
  s.close();
  await once(s, 'close');
  return port;
}

/** Runs a command of tintype to its end and gives what it printed; throws what it said if it failed. */
export async function tintype(...args) {
  try {
    return (await promisify(execFile)(bin, args, { maxBuffer: 16 << 20 })).stdout;
  } catch (e) {
    throw new Error(`tintype ${args.join(' ')} ended with ${e.code}:\n${e.stdout}${e.stderr}`, { cause: e });
  }
}

/**
 * base is where people reach it, media where its pictures are, flags what operators' commands take to find it.
 * kill() is kill -9, start() starts it again on the same data, crash() is both, and processes() tells where each
 * process that serves can be reached directly.
 */
export class Site {
  /** A fresh site; demo is arguments of `tintype demo`, args more of `tintype serve`, or what gives them once it is known where the site will be. On a fleet it is the fleet's one site. */
  static async create(args = [], { demo } = {}) {
    const site = fleetDir ? new FleetSite() : new SingleSite();
    await site.open(args, demo);
    return site;
  }

  async crash(how) {
    await this.kill(how);
    await this.start();
  }

  operate(...args) {
    return tintype(...args, ...this.flags);
  }

  /** Waits until the site answers; ended() throws if it never will. */
  async answers(ended = () => {}) {
    for (let i = 0; i < 600; i++) {
      ended();
      try {
        if ((await fetch(`${this.base}/v1/site`)).ok) return;
      } catch { /* not yet */ }
      await new Promise((r) => setTimeout(r, 50));
    }
    throw new Error(`the site did not answer within 30 s:\n${this.log ?? ''}`);
  }

  /** Calls the API; throws the server's sentence on an error. at is one process, instead of the site. */
  async api(method, route, { token, body, headers, at = this.base } = {}) {
    const init = { method, headers: { ...headers } };
    if (token) init.headers.Authorization = `Bearer ${token}`;
    if (body instanceof Uint8Array) init.body = body;
    else if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers['Content-Type'] ??= 'application/json';
    }
    const res = await fetch(at + route, init);
    const json = await res.json();
    if (json.meta?.code >= 300) throw new Error(`${method} ${route}: ${JSON.stringify(json.meta)}`);
    return json.data;
  }

  async signUp(username, full_name = username) {
    const { user, access_token } = await this.api('POST', '/v1/users', { body: { username, full_name, password: 'correct horse battery', email: '' } });
    return { ...user, token: access_token };
  }

  /** Publishes a photo of e2e/fixtures; fields are further ones of POST /v1/media. */
  async publish(token, name, fields = {}) {
    const { id } = await this.api('POST', '/v1/uploads', { token, body: await readFile(path.join(here, 'fixtures', name)), headers: { 'Content-Type': 'image/jpeg' } });
    return this.api('POST', '/v1/media', { token, body: { uploads: [id], ...fields } });
  }

  follow(token, id) {
    return this.api('POST', `/v1/users/${id}/relationship`, { token, body: { action: 'follow' } });
  }
}

/** One process, in a temporary directory. */
class SingleSite extends Site {
  async open(args, demo) {
    this.dir = await mkdtemp(path.join(tmpdir(), 'tintype-e2e-'));
    this.flags = ['--data', this.dir];
    if (demo) await this.operate('demo', ...demo);
    this.port = await freePort();
    this.base = this.media = `http://localhost:${this.port}`;
    this.args = typeof args === 'function' ? await args(this.base) : args;
    await this.start();
  }

  async start() {
    this.log = '';
    this.process = spawn(bin, ['serve', '--addr', `localhost:${this.port}`, ...this.flags, ...this.args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const s of [this.process.stdout, this.process.stderr]) s.on('data', (d) => { this.log += d; });
    await this.answers(() => {
      if (this.process.exitCode !== null) throw new Error(`tintype ended at once:\n${this.log}`);
    });
  }

  async kill({ signal = 'SIGKILL' } = {}) {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, 'exit');
      this.process.kill(signal);
      await ended;
    }
  }

  async processes() {
    return [this.base];
  }

  async close() {
    await this.kill({ signal: 'SIGTERM' });
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** The site of a fleet that runs, through its nginx. */
class FleetSite extends Site {
  async open(args, demo) {
    if (args.length > 0) throw new Error('the processes of a fleet run already, with no other arguments');
    this.flags = ['--config', path.join(fleetDir, 'fleet.toml')];
    const { port } = new URL(`http://${(await this.members()).find((m) => m.role === 'nginx').addr}`);
    this.base = `http://localhost:${port}`;
    this.media = `http://127.0.0.1:${port}`; // another host to a browser
    this.turns = 0;
    this.down = [];
    await this.answers();
    if (demo) await this.operate('demo', ...demo);
  }

  async members() {
    return (await tintype('fleet', 'status', '--data', fleetDir, '--json')).trim().split('\n').map((line) => JSON.parse(line));
  }

  async processes() {
    return (await this.members()).filter((m) => m.role === 'API process').map((m) => `http://${m.addr}`);
  }

  /** Kills one process that serves, each time another; or all of them and a worker. */
  async kill({ whole = false } = {}) {
    this.down = whole ? ['api-1', 'api-2', 'work-1'] : [`api-${1 + (this.turns++ % 2)}`];
    await tintype('fleet', 'kill', '--data', fleetDir, ...this.down);
  }

  async start() {
    await tintype('fleet', 'start', '--data', fleetDir, ...this.down);
    await this.answers();
  }

  async close() {} // its runner stops it
}
