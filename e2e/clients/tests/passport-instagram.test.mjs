// passport-instagram 1.0.0 (MIT), with which web sites let people sign in. The original's host stands in its code.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Passport } from 'passport';
import Strategy from 'passport-instagram';
import { consent, redirect, world } from '../world.mjs';

let w, site;

before(async () => {
  w = await world();
  redirect(w.site);
  // A web site on which people sign in; it tells who did, or what went wrong.
  const passport = new Passport();
  site = createServer((req, res) => {
    req.query = Object.fromEntries(new URL(req.url, 'http://site').searchParams);
    const failed = (err) => res.writeHead(err ? 500 : 401).end(String(err?.oauthError?.data ?? err));
    passport.authenticate('instagram', { session: false, scope: ['basic', 'likes'] }, (err, user) => {
      if (err || !user) failed(err);
      else res.end(JSON.stringify(user));
    })(req, res, failed);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
  site.base = `http://127.0.0.1:${site.address().port}`;
  const app = await w.api('ada', 'POST', '/v1/apps', { name: 'Wall', website: '', redirect_uris: [`${site.base}/callback`], scopes: 'basic likes' });
  passport.use(new Strategy({ clientID: app.client_id, clientSecret: app.client_secret, callbackURL: `${site.base}/callback` },
    (accessToken, refreshToken, profile, done) => done(null, { accessToken, profile })));
});

after(async () => {
  site?.close();
  await w?.site.close();
});

test('a person signs in', async () => {
  const away = await fetch(`${site.base}/sign-in`, { redirect: 'manual' });
  assert.equal(away.status, 302);
  const at = new URL(away.headers.get('location'));
  assert.equal(at.origin, 'https://api.instagram.com');
  const code = await consent(w, at.href, `${site.base}/callback`);
  const back = await fetch(`${site.base}/callback?${new URLSearchParams({ code })}`);
  const user = await back.json();
  assert.deepEqual([user.profile.username, user.profile.id, user.profile.displayName], [w.ada.username, w.ada.id, 'Ada Lovelace']);
  assert.equal((await w.site.api('GET', '/v1/users/self', { token: user.accessToken })).username, w.ada.username);
});

test('a code that is wrong lets nobody in', async () => {
  const back = await fetch(`${site.base}/callback?code=none`);
  assert.equal(back.status, 500);
});
