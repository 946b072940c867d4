// An app of a third party asks for access, in the browser, and uses what it got.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Site, launch, person } from '../lib.mjs';

let site, browser, app, back;

before(async () => {
  site = await Site.create();
  browser = await launch();
  // The app's own address: it only notes how it was called.
  app = createServer((req, res) => {
    if (req.url.startsWith('/callback')) back = new URL(req.url, 'http://app');
    res.end('thank you');
  }).listen(0, '127.0.0.1');
  await once(app, 'listening');
});

after(async () => {
  app?.close();
  await browser?.close();
  await site?.close();
});

test('an app is registered, allowed by a person, and may do just that', async () => {
  const callback = `http://127.0.0.1:${app.address().port}/callback`;
  const page = await person(browser, site);
  const made = await page.request.post('/v1/users', {
    data: { username: 'owner', password: 'correct horse battery', full_name: 'Owner', email: '', cookie: true }, headers: { Origin: site.base },
  });
  assert.equal(made.status(), 201);
  const registered = await page.request.post('/v1/apps', {
    data: { name: 'Wall of frames', website: '', redirect_uris: [callback], public: true }, headers: { Origin: site.base },
  });
  const { data: client } = await registered.json();
  assert.ok(client?.client_id, JSON.stringify(client));

  const verifier = randomBytes(40).toString('base64url');
  const ask = new URLSearchParams({
    response_type: 'code', client_id: client.client_id, redirect_uri: callback, scope: 'basic likes', state: 'x y', code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  await page.goto(`/oauth/authorize?${ask}`);
  await page.getByRole('button', { name: 'Deny' }).click();
  await page.waitForURL((u) => u.href.startsWith(callback));
  assert.equal(back.searchParams.get('error'), 'access_denied');

  await page.goto(`/oauth/authorize?${ask}`);
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL((u) => u.href.startsWith(callback) && u.searchParams.has('code'));
  assert.equal(back.searchParams.get('state'), 'x y');

  const redeem = () => fetch(`${site.base}/oauth/access_token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', client_id: client.client_id, redirect_uri: callback, code: back.searchParams.get('code'), code_verifier: verifier }),
  });
  const token = await (await redeem()).json();
  assert.equal(token.user?.username, 'owner', JSON.stringify(token));
  assert.equal((await site.api('GET', '/v1/users/self', { token: token.access_token })).username, 'owner');
  await assert.rejects(site.api('POST', '/v1/uploads', { token: token.access_token, body: new Uint8Array(3) }), /OAuthPermissionsException/);

  // A code that comes twice is a stolen one: what it gave is taken back.
  assert.notEqual((await redeem()).status, 200);
  await assert.rejects(site.api('GET', '/v1/users/self', { token: token.access_token }), /OAuthAccessTokenException/);

  ask.set('redirect_uri', `${callback}/elsewhere`);
  await page.goto(`/oauth/authorize?${ask}`);
  await page.getByRole('alert').waitFor();
  assert.ok(page.url().startsWith(site.base), 'nobody is sent to an address that was not registered');
});
