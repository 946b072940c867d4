// What leaves the site: embeds on another site's page, feeds, and apps that are called back.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { eventually, fixture } from '../flows.mjs';
import { Site, axe, chapters, launch, person, shot } from '../lib.mjs';

let site, browser, page, elsewhere, html, pushes, code;
const chapter = chapters(test, () => browser);

before(async () => {
  process.env.TINTYPE_OUTBOUND_ALLOW = '127.0.0.1';
  site = await Site.create();
  browser = await launch();
  page = await person(browser, site, { width: 390, height: 844 });
  pushes = [];
  // Another site: a page with what html holds, and an app's callback.
  elsewhere = createServer(async (req, res) => {
    const url = new URL(req.url, 'http://elsewhere');
    if (url.pathname === '/hook' && req.method === 'GET') return res.end(url.searchParams.get('hub.challenge'));
    if (url.pathname === '/hook') {
      const parts = [];
      for await (const part of req) parts.push(part);
      pushes.push({ body: Buffer.concat(parts), signature: req.headers['x-hub-signature'] });
      return res.end();
    }
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.end(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Elsewhere</title><body><main><h1>Elsewhere</h1>${html}</main></body></html>`);
  }).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
});

after(async () => {
  await browser?.close();
  await site?.close();
  elsewhere?.close();
});

const at = (path) => `http://127.0.0.1:${elsewhere.address().port}${path}`;
async function call(method, path, options = {}) {
  const r = await page.request.fetch(path, { method, headers: { Origin: site.base, ...options.headers }, data: options.data, form: options.form });
  assert.ok(r.ok(), `${method} ${path}: ${r.status()} ${await r.text()}`);
  return (await r.json()).data;
}

async function publish(caption, names, alts) {
  const uploads = [];
  for (const name of names) {
    uploads.push((await call('POST', '/v1/uploads', { data: await readFile(fixture(name)), headers: { 'Content-Type': 'image/jpeg' } })).id);
  }
  return call('POST', '/v1/media', { data: { uploads, caption, alt_texts: alts } });
}

chapter('a post is framed on another site', async () => {
  await call('POST', '/v1/users', { data: { username: 'ada', password: 'correct horse battery', full_name: 'Ada Lovelace', email: '', cookie: true } });
  const names = ['evening.png', 'portrait.jpg'];
  const post = await publish('Morning over the harbour, before anybody was up.\n#dawn #拂晓', names, ['Boats in the first light', 'The same, a minute later']);
  code = post.shortcode;
  await page.goto(`/p/${code}`);
  await page.getByRole('button', { name: 'More options' }).first().click();
  await page.getByRole('button', { name: 'Copy embed code' }).click();
  await page.getByText('Embed code copied').waitFor();
  html = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(html, /^<iframe [^<>]*><\/iframe>$/);
  for (const [width, height] of [[390, 844], [1280, 900]]) {
    const view = await person(browser, site, { width, height });
    await view.goto(at('/'));
    const frame = view.frameLocator('iframe');
    await frame.getByRole('img', { name: 'Boats in the first light' }).waitFor();
    assert.equal(await frame.getByText('Morning over the harbour').isVisible(), true);
    assert.equal(await frame.getByText('2 photos').isVisible(), true);
    await shot(view, `sharing-framed-${width}`);
    await view.goto(`/p/${code}/embed`);
    await view.waitForFunction(() => [...document.images].every((i) => i.loading === 'lazy' || (i.complete && i.naturalWidth > 0)));
    await axe(view, `the embed at ${width}`);
    await shot(view, `sharing-embed-${width}`);
    assert.deepEqual(view.errors, []);
    await view.context().close();
  }
  const view = await person(browser, site, { width: 390, height: 844, locale: 'zh-CN', dark: true });
  await view.goto(`/p/${code}/embed`);
  await view.getByText('0 次赞').waitFor();
  await axe(view, 'the embed in the dark');
  await shot(view, 'sharing-embed-dark-zh');
  await view.goto('/p/AAAAAAAAAAA/embed');
  await view.getByText('这张照片无法显示。').waitFor();
  await axe(view, 'an embed of nothing');
  await view.context().close();
});

chapter('feeds are found and hold what everybody may see', async () => {
  for (const where of ['/ada', '/tags/dawn']) {
    await page.goto(where);
    const href = await page.locator('link[type="application/atom+xml"]').getAttribute('href');
    await eventually(async () => {
      const text = await (await fetch(href)).text();
      const found = await page.evaluate((xml) => {
        const doc = new DOMParser().parseFromString(xml, 'application/xml');
        return { wrong: doc.querySelector('parsererror')?.textContent, content: doc.querySelector('entry > content')?.textContent };
      }, text);
      assert.equal(found.wrong, undefined);
      assert.match(found.content, /alt="Boats in the first light"/);
    }, `a post in the feed of ${where}`);
  }
});

chapter('an app is called back, and its owner sees how that fares', async () => {
  const app = await call('POST', '/v1/apps', { data: { name: 'Wall of frames', website: '', description: '', redirect_uris: ['https://wall.example/'], public: false } });
  const asked = { client_id: app.client_id, client_secret: app.client_secret, aspect: 'media', callback_url: at('/hook') };
  const tag = await call('POST', '/v1/subscriptions', { form: { ...asked, object: 'tag', object_id: 'dusk' } });
  await call('POST', '/v1/subscriptions', { form: { ...asked, object: 'user' } });
  const name = 'evening.png';
  await publish('The evening of it #dusk', [name], ['Lanterns']);
  await eventually(() => assert.equal(pushes.length, 1), 'a call', 20_000);
  assert.equal(pushes[0].signature, createHmac('sha1', app.client_secret).update(pushes[0].body).digest('hex'));
  const [change] = JSON.parse(pushes[0].body);
  assert.equal(change.subscription_id, tag.id);
  assert.equal(change.object_id, 'dusk');
  await page.goto(`/settings/apps/${app.id}`);
  await page.getByText('Works', { exact: true }).waitFor();
  await page.getByText('#dusk · people who allowed it').waitFor();
  await page.getByRole('heading', { name: 'Called back' }).scrollIntoViewIfNeeded();
  await axe(page, 'the callbacks of an app');
  await shot(page, 'sharing-callbacks-390');
  // A day without an answer is long: what the page shows then is the server's word, spoken early.
  await page.route('**/callbacks', async (route) => {
    const answer = await (await route.fetch()).json();
    Object.assign(answer.data[0], { state: 'paused', failures: 37, last_error: 'it answered with status 500', paused_time: String(Math.floor(Date.now() / 1000)) });
    await route.fulfill({ json: answer });
  });
  for (const [width, height] of [[390, 844], [1280, 900]]) {
    await page.setViewportSize({ width, height });
    await page.goto(`/settings/apps/${app.id}`);
    await page.getByText('failed for a whole day').waitFor();
    await axe(page, `a paused callback at ${width}`);
    await shot(page, `sharing-paused-notice-${width}`);
    await page.getByRole('link', { name: 'See why' }).click();
    await page.getByText('Failed 37 times in a row').scrollIntoViewIfNeeded();
    await shot(page, `sharing-paused-${width}`);
  }
  await page.getByRole('button', { name: /^Call again/ }).click();
  await page.getByText('It is called again').waitFor();
  assert.deepEqual(page.errors, []);
});
