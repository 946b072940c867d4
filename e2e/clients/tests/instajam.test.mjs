// instajam 2.0.3 (MIT), of 2013, for pages in a browser: it loads answers as scripts (JSONP). The original's host stands in its code.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { launch } from '../../lib.mjs';
import { isComment, isMedia, isPlace, isShort, world } from '../world.mjs';

let w, browser, host, page, token;

/** Calls a method of the library in the page; it ends when its callback is called, with what it is called with. */
const call = (method, ...args) => page.evaluate(([path, list]) => new Promise((resolve) => {
  const at = path.split('.');
  const last = at.pop();
  const on = at.reduce((o, k) => o[k], globalThis.Instajam);
  on[last](...list, resolve);
}), [method, args]);

before(async () => {
  w = await world();
  const script = await readFile(new URL('../node_modules/instajam/dist/instajam.js', import.meta.url));
  // The app's page, on a host of its own.
  host = createServer((req, res) => {
    res.setHeader('Content-Type', req.url === '/instajam.js' ? 'text/javascript' : 'text/html; charset=utf-8');
    res.end(req.url === '/instajam.js' ? script : '<!doctype html><title>Viewer</title><body><script src="/instajam.js"></script>');
  }).listen(0, '127.0.0.1');
  await once(host, 'listening');
  browser = await launch();
  page = await (await browser.newContext()).newPage();
  // As a name server would: the browser sees the answer with all its headers, and judges it by them.
  await page.route('https://api.instagram.com/**', async (route) => {
    const { pathname, search } = new URL(route.request().url());
    await route.fulfill({ response: await route.fetch({ url: w.site.base + pathname + search }) });
  });
  // It knows the implicit grant alone, which an admin (the first member is one) must allow it.
  const at = `http://127.0.0.1:${host.address().port}/`;
  w.app = await w.api('ada', 'POST', '/v1/apps', { name: 'Page', website: '', redirect_uris: [at] });
  await w.api('ada', 'PATCH', `/v1/admin/apps/${w.app.id}`, { implicit_grant: true });
  await page.goto(at);
  const init = (o) => {
    globalThis.Instajam.init(o);
    return { url: globalThis.Instajam.authUrl, in: globalThis.Instajam.authenticated };
  };
  const options = { clientId: w.app.client_id, redirectUri: at };
  const before = await page.evaluate(init, options);
  assert.equal(before.in, false);
  const ask = new URL(before.url);
  const { redirect_to } = await w.api('ada', 'POST', '/oauth/authorize', { ...Object.fromEntries(ask.searchParams), allow: true });
  assert.ok(redirect_to.startsWith(`${at}#access_token=`), redirect_to);
  token = new URLSearchParams(redirect_to.split('#')[1]).get('access_token');
  await page.goto('about:blank');
  await page.goto(redirect_to);
  assert.equal((await page.evaluate(init, options)).in, true);
});

after(async () => {
  await browser?.close();
  host?.close();
  await w?.site.close();
});

test('reading, as a script', async () => {
  assert.equal((await call('user.self.profile')).data.username, w.ada.username);
  const feed = await call('user.self.feed', { count: 2 });
  for (const m of feed.data) isMedia(m);
  assert.ok(!feed.pagination.next_url.includes('callback'), feed.pagination.next_url);
  assert.deepEqual((await call('user.self.media', {})).data, []);
  assert.deepEqual((await call('user.self.favorites', {})).data, []);
  isShort((await call('user.search', w.grace.username, {})).data[0], w.grace.username);
  assert.equal((await call('user.media', w.grace.username, { count: 60 })).data.length, 3);
  assert.deepEqual((await call('user.follows', w.ada.id)).data.map((u) => u.username), [w.grace.username]);
  assert.deepEqual((await call('user.following', w.ada.id)).data.map((u) => u.username), [w.grace.username]);
  assert.deepEqual((await call('user.requests')).data, []);
  assert.equal((await call('user.relationshipWith', w.grace.id)).data.outgoing_status, 'follows');
  assert.equal((await call('tag.get', 'jacquard')).data.media_count, 3);
  assert.equal((await call('tag.media', 'jacquard', { count: 2 })).data.length, 2);
  const { data: [found] } = await call('location.search', { lat: 52.5001, lng: 13.3001 });
  isPlace(found, w);
  isPlace((await call('location.get', found.id)).data, w);
  assert.equal((await call('location.media', found.id, {})).data.length, 1);
  assert.equal((await call('media.search', { lat: 52.5001, lng: 13.3001 })).data.length, 1);
  isMedia((await call('media.get', w.posts[0].id)).data, w.posts[0].id);
  isComment((await call('media.comments', w.posts[0].id)).data[0], 'Lovely');
  assert.deepEqual((await call('media.likes', w.posts[0].id)).data.map((u) => u.username), [w.bob.username]);
});

test('an error reaches the page, too', async () => {
  const { meta } = await call('media.get', w.hidden.id);
  assert.deepEqual([meta.code, meta.error_type], [400, 'APINotAllowedError']);
});

test('a page of the site itself loads no answer as a script', async () => {
  const own = await (await browser.newContext()).newPage();
  await own.goto(w.site.base);
  const loaded = await own.evaluate((src) => new Promise((resolve) => {
    const s = document.createElement('script');
    globalThis.taken = () => resolve('called');
    s.onerror = () => resolve('refused');
    s.onload = () => resolve('loaded');
    s.src = src;
    document.body.append(s);
  }), `/v1/users/self?callback=taken&access_token=${token}`);
  assert.equal(loaded, 'refused');
});
