// What people do on a page, in their words: the roles and names of the English app.
import assert from 'node:assert/strict';
import path from 'node:path';

const here = path.dirname(new URL(import.meta.url).pathname);
export const fixture = (name) => path.join(here, 'fixtures', name);
export const password = 'correct horse battery';

/** Fills in the sign-up form that is shown, and waits for the way in. */
export async function signUp(page, { name, username, first = false }) {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Email').fill(`${username}@example.org`);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: first ? 'Create the admin account' : 'Join' }).click();
  await nav(page, 'Home').waitFor();
}

export async function signIn(page, login, word = password) {
  await page.goto('/sign-in');
  await page.getByLabel('Username or email').fill(login);
  await page.getByLabel('Password').fill(word);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** A link of the main navigation. */
export const nav = (page, name) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name });

/** Chooses files in the composer's first view, through the browser's file picker. */
export async function choose(page, files) {
  const picker = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose photos' }).click();
  await (await picker).setFiles(files);
}

/** The photos of the composer's strip, in order. */
export const strip = (page) => page.getByRole('list', { name: 'Photos of this post, in order' }).getByRole('button', { name: /^Photo \d/ });

/** The names of the files in the strip. */
export const order = async (page) => (await strip(page).evaluateAll((all) => all.map((b) => b.getAttribute('aria-label')))).map((l) => /, (\S+)\./.exec(l)?.[1]);

export async function allUploaded(page, count) {
  await page.waitForFunction(
    (n) => [...document.querySelectorAll('ol button[aria-label^="Photo "]')].filter((b) => /Uploaded$/.test(b.getAttribute('aria-label'))).length === n,
    count, { timeout: 30_000 });
}

/** A radio that hides behind its label. */
export const pick = (page, name) => page.locator('label').filter({ has: page.getByRole('radio', { name, exact: typeof name === 'string' }) }).click();
export const slide = (page, name, value) => page.getByRole('slider', { name }).fill(String(value));
export const tool = (page, name) => page.getByRole('tab', { name }).click();

/** Presses Share; resolves with the published post as soon as the server has said 201, before the page knows. */
export async function share(page) {
  const answer = page.waitForResponse((r) => r.request().method() === 'POST' && new URL(r.url()).pathname === '/v1/media');
  await page.getByRole('button', { name: 'Share' }).click();
  const response = await answer;
  assert.equal(response.status(), 201, 'publishing');
  return (await response.json()).data;
}

/** Does something and resolves once the server has acknowledged the request that it causes. */
export async function acknowledged(page, method, route, act) {
  const answer = page.waitForResponse((r) => r.request().method() === method && route.test(new URL(r.url()).pathname));
  await act();
  const response = await answer;
  assert.ok(response.ok(), `${method} ${route}: ${response.status()}`);
  return response;
}

export const posts = (page, by) => page.getByRole('article', { name: `Post by ${by}` });

/** Waits until every picture on the screen is there, and checks that photos, of which there must be some, come from where the site has them. */
export async function pictures(page, site) {
  const seen = await page.waitForFunction(() => {
    const shown = [...document.images].filter((i) => {
      const r = i.getBoundingClientRect();
      return r.width > 0 && r.top < innerHeight && r.left < innerWidth && r.bottom > 0 && r.right > 0;
    });
    return shown.some((i) => i.currentSrc.includes('/m/')) && shown.every((i) => i.complete && i.naturalWidth > 0) && shown.map((i) => i.currentSrc);
  });
  for (const src of await seen.jsonValue()) if (src.includes('/m/')) assert.equal(new URL(src).origin, site.media, src);
}

/** The mean red, green and blue of a picture of the site, as the page's browser decodes it. */
export async function meanColour(page, url) {
  // Not fetched by the page: its policy lets it show what the host of media has, but not read it.
  const res = await page.context().request.get(url);
  assert.equal(res.status(), 200, url);
  return page.evaluate(async (b64) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(b64), (c) => c.charCodeAt(0))]));
    const canvas = new OffscreenCanvas(32, 32);
    const ctx = canvas.getContext('2d');
    ctx.imageSmoothingQuality = 'high';
    ctx.drawImage(bitmap, 0, 0, 32, 32);
    const { data } = ctx.getImageData(0, 0, 32, 32);
    return [0, 1, 2].map((c) => {
      let sum = 0;
      for (let i = c; i < data.length; i += 4) sum += data[i];
      return sum / 1024;
    });
  }, (await res.body()).toString('base64'));
}

/** Opens the line for news at one address. heard(text) resolves once something with that text has come; close() ends it. */
export async function listen(at, token) {
  const end = new AbortController();
  const res = await fetch(`${at}/v1/events`, { headers: { Authorization: `Bearer ${token}` }, signal: end.signal });
  assert.equal(res.status, 200);
  const reader = res.body.pipeThrough(new TextDecoderStream()).getReader();
  let all = (await reader.read()).value; // from here on it hears
  return {
    async heard(text) {
      while (!all.includes(text)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the line of ${at} ended before ${text} came, after:\n${all}`);
        all += value;
      }
    },
    close: () => end.abort(),
  };
}

/** Tries until a check passes, for at most ms. */
export async function eventually(check, what, ms = 5000) {
  const end = Date.now() + ms;
  for (;;) {
    try {
      return await check();
    } catch (e) {
      if (Date.now() > end) throw new Error(`${what}, within ${ms} ms: ${e.message}`, { cause: e });
      await new Promise((r) => setTimeout(r, 100));
    }
  }
}
