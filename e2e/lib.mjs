// What the browser tests share: a site per suite, real Chromium, axe.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';

export { Site } from './site.mjs';

const require = createRequire(import.meta.url);
const here = path.dirname(new URL(import.meta.url).pathname);
export const shots = process.env.TINTYPE_SCREENSHOTS || path.join(here, 'screenshots');

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

/** Closes pages, none of which had an error. */
export async function end(...pages) {
  for (const page of pages) {
    assert.deepEqual(page.errors, []);
    await page.context().close();
  }
}

/** Resolves as soon as the page's line for news is open (again). */
export const live = (page) => page.waitForFunction(() => globalThis.eventSources?.some((s) => s.readyState === 1), undefined, { timeout: 20_000 });

export async function shot(page, name) {
  await mkdir(shots, { recursive: true });
  await page.screenshot({ path: path.join(shots, `${name}.png`) });
}

/** The end of every transition but those that never end. */
export const still = (page) => page.evaluate(async () => {
  await new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
  await Promise.all(document.getAnimations().filter((a) => a.effect?.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => undefined)));
});

let axeSource;
/** Fails with every accessibility violation that axe finds on the page. */
export async function axe(page, where) {
  await still(page); // what fades in has too little contrast while it does
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
