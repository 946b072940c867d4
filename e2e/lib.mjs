// What the browser tests share: a fresh site per suite, real Chromium, axe.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const here = path.dirname(new URL(import.meta.url).pathname);
export const bin = process.env.TINTYPE_BIN || path.join(here, '..', 'bin', 'tintype');
export const shots = process.env.TINTYPE_SCREENSHOTS || path.join(here, 'screenshots');

async function freePort() {
  const s = createServer().listen(0, '127.0.0.1');
  await once(s, 'listening');
  const { port } = s.address();
  s.close();
  await once(s, 'close');
  return port;
}

/** Runs a command of tintype to its end; throws what it said if it failed. */
async function run(args) {
  const child = spawn(bin, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const s of [child.stdout, child.stderr]) s.on('data', (d) => { said += d; });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`tintype ${args[0]} ended with ${code}:\n${said}`);
}

/** A site of its own in a temporary directory. kill() is kill -9; start() starts it again on the same data. */
export class Site {
  static async create(args = [], { demo } = {}) {
    const site = new Site();
    site.dir = await mkdtemp(path.join(tmpdir(), 'tintype-e2e-'));
    if (demo) await run(['demo', '--data', site.dir, ...demo]);
    site.port = await freePort();
    site.base = `http://localhost:${site.port}`;
    site.args = args;
    await site.start();
    return site;
  }

  async start() {
    this.log = '';
    this.process = spawn(bin, ['serve', '--addr', `localhost:${this.port}`, '--data', this.dir, ...this.args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const s of [this.process.stdout, this.process.stderr]) s.on('data', (d) => { this.log += d; });
    for (let i = 0; i < 600; i++) {
      if (this.process.exitCode !== null) throw new Error(`tintype ended at once:\n${this.log}`);
      try {
        if ((await fetch(`${this.base}/healthz`)).ok) return;
      } catch { /* not yet */ }
      await new Promise((r) => setTimeout(r, 50));
    }
    throw new Error(`tintype did not answer within 30 s:\n${this.log}`);
  }

  async kill(signal = 'SIGKILL') {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = once(this.process, 'exit');
      this.process.kill(signal);
      await ended;
    }
  }

  /** kill -9 at this very moment, and up again. */
  async crash() {
    await this.kill();
    await this.start();
  }

  async close() {
    await this.kill('SIGTERM');
    await rm(this.dir, { recursive: true, force: true });
  }

  /** Calls the API; throws the server's sentence on an error. */
  async api(method, route, { token, body, headers } = {}) {
    const init = { method, headers: { ...headers } };
    if (token) init.headers.Authorization = `Bearer ${token}`;
    if (body instanceof Uint8Array) init.body = body;
    else if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers['Content-Type'] ??= 'application/json';
    }
    const res = await fetch(this.base + route, init);
    const json = await res.json();
    if (json.meta?.code >= 300) throw new Error(`${method} ${route}: ${JSON.stringify(json.meta)}`);
    return json.data;
  }

  async signUp(username, full_name = username) {
    const { user, access_token } = await this.api('POST', '/v1/users', { body: { username, full_name, password: 'correct horse battery', email: '' } });
    return { ...user, token: access_token };
  }
}

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** A page of its own, with its own cookies, that fails the test on any script error. */
export async function person(browser, site, { width = 360, height = 740, locale = 'en-US', dark = false } = {}) {
  const context = await browser.newContext({
    baseURL: site.base, viewport: { width, height }, locale, colorScheme: dark ? 'dark' : 'light', deviceScaleFactor: 1, hasTouch: width < 600, isMobile: width < 600,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  // The event streams of the page, so that a test can wait until news would reach it.
  await context.addInitScript(() => {
    const Native = globalThis.EventSource;
    globalThis.eventSources = [];
    globalThis.EventSource = class extends Native {
      constructor(...args) {
        super(...args);
        globalThis.eventSources.push(this);
      }
    };
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.errors = [];
  page.on('pageerror', (e) => page.errors.push(String(e)));
  page.on('console', (m) => {
    // A site that was killed on purpose, and what the server refuses, the browser logs by itself.
    if (m.type() === 'error' && !/Failed to load resource|ERR_CONNECTION_|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE/.test(m.text())) page.errors.push(m.text());
  });
  return page;
}

/** Resolves as soon as the page's line for news is open (again). */
export const live = (page) => page.waitForFunction(() => globalThis.eventSources?.some((s) => s.readyState === 1), undefined, { timeout: 20_000 });

export async function shot(page, name) {
  await mkdir(shots, { recursive: true });
  await page.screenshot({ path: path.join(shots, `${name}.png`) });
}

let axeSource;
/** Fails with every accessibility violation that axe finds on the page. */
export async function axe(page, where) {
  axeSource ??= await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  if (violations.length > 0) {
    const lines = violations.map((v) => `${v.id} (${v.impact}): ${v.help}\n${v.nodes.map((n) => `    ${n.target.join(' ')}  ${n.failureSummary?.split('\n')[1] ?? ''}`).join('\n')}`);
    throw new Error(`axe on ${where}:\n${lines.join('\n')}`);
  }
}

/**
 * Makes a test(name, fn) for a file whose tests build on one another: after the first failure the rest end at once,
 * unless they stand apart.
 * On a failure it keeps a picture of every open page.
 */
export function chapters(test, browser, { apart = false } = {}) {
  let broken = null;
  return (name, act) => test(name, { timeout: 120_000 }, async () => {
    if (broken) throw new Error(`not tried, as "${broken}" failed before`);
    try {
      await act();
    } catch (e) {
      if (!apart) broken = name;
      const pages = browser().contexts().flatMap((c) => c.pages());
      await Promise.all(pages.map((p, i) => shot(p, `failed-${name.replace(/\W+/g, '-')}-${i}`).catch(() => undefined)));
      const told = pages.map((p, i) => `page ${i} at ${p.url()}${p.errors?.length ? `: ${p.errors.join('; ')}` : ''}`);
      if (apart) await Promise.all(browser().contexts().map((c) => c.close()));
      throw new Error(`${e.message}\n${told.join('\n')}`, { cause: e });
    }
  });
}
