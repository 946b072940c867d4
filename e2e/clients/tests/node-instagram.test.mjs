// node-instagram 4.3.0 (MIT), of 2019: promises, over node-fetch. The original's host stands in its code.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import library from 'node-instagram';
import { consent, isComment, isMedia, isPlace, isShort, redirect, redirectURI, until, world } from '../world.mjs';

const { default: Instagram } = library;
let w, ig, open;

before(async () => {
  w = await world();
  redirect(w.site);
  open = new Instagram({ clientId: w.app.client_id, clientSecret: w.app.client_secret });
});

after(() => w?.site.close());

test('a person lets the app in', async () => {
  const code = await consent(w, open.getAuthorizationUrl(redirectURI, { scope: ['likes', 'comments', 'relationships'], state: 'state' }));
  const token = await open.authorizeUser(code, redirectURI);
  isShort(token.user, w.ada.username);
  ig = new Instagram({ clientId: w.app.client_id, clientSecret: w.app.client_secret, accessToken: token.access_token });
});

test('reading', async () => {
  assert.equal((await ig.get('users/self')).data.username, w.ada.username);
  assert.equal((await ig.get(`users/${w.grace.id}`)).data.counts.follows, 1);
  isShort((await ig.get('users/search', { q: w.grace.username })).data[0], w.grace.username);
  const first = await ig.get('users/self/feed', { count: 2 });
  assert.equal(new URL(first.pagination.next_url).searchParams.get('count'), '2');
  assert.equal((await ig.get('users/self/feed', { count: 2, max_id: first.pagination.next_max_id })).data.length, 1);
  for (const m of (await ig.get(`users/${w.grace.id}/media/recent`)).data) isMedia(m);
  assert.deepEqual((await ig.get('users/self/media/recent')).data, []);
  assert.deepEqual((await ig.get('users/self/follows')).data.map((u) => u.username), [w.grace.username]);
  assert.deepEqual((await ig.get('users/self/followed-by')).data.map((u) => u.username), [w.grace.username]);
  assert.deepEqual((await ig.get('users/self/requested-by')).data, []);
  isMedia((await ig.get(`media/${w.posts[0].id}`)).data, w.posts[0].id);
  isMedia((await ig.get(`media/shortcode/${w.posts[0].shortcode}`)).data, w.posts[0].id);
  assert.deepEqual((await ig.get('tags/jacquard')).data, { name: 'jacquard', media_count: 3 });
  assert.deepEqual((await ig.get('tags/search', { q: 'jacq' })).data, [{ name: 'jacquard', media_count: 3 }]);
  isPlace((await ig.get('locations/search', { lat: 52.5001, lng: 13.3001, distance: 100 })).data[0], w);
  isPlace((await ig.get(`locations/${w.place.id}`)).data, w);
  assert.deepEqual((await ig.get(`locations/${w.place.id}/media/recent`)).data.map((m) => m.id), [w.posts[0].id]);
  assert.deepEqual((await ig.get('media/search', { lat: 52.5001, lng: 13.3001 })).data.map((m) => m.id), [w.posts[0].id]);
  assert.deepEqual((await ig.get('media/popular')).data.map((m) => m.id), [w.posts[0].id]);
  isComment((await ig.get(`media/${w.posts[0].id}/comments`)).data[0], 'Lovely');
  assert.deepEqual((await ig.get(`media/${w.posts[0].id}/likes`)).data.map((u) => u.username), [w.bob.username]);
});

test('writing', async () => {
  assert.equal((await ig.post(`media/${w.posts[0].id}/likes`)).data, null);
  assert.deepEqual((await ig.get('users/self/media/liked')).data.map((m) => m.id), [w.posts[0].id]);
  assert.equal((await ig.delete(`media/${w.posts[0].id}/likes`)).data, null);
  const { data: made } = await ig.post(`media/${w.posts[0].id}/comments`, { text: 'Ça va?' });
  isComment(made, 'Ça va?');
  assert.equal((await ig.delete(`media/${w.posts[0].id}/comments/${made.id}`)).data, null);
  assert.equal((await ig.post(`users/${w.bob.id}/relationship`, { action: 'follow' })).data.outgoing_status, 'follows');
  assert.equal((await ig.get(`users/${w.bob.id}/relationship`)).data.outgoing_status, 'follows');
});

test('new posts of a tag come by its stream', async () => {
  const stream = ig.stream('tags/jacquard/media/recent', { interval: 50, runOnCreation: false });
  const come = [];
  stream.on('messages', (posts) => come.push(...posts.map((m) => m.id))).on('error', (e) => come.push(e));
  stream.start();
  try {
    stream.startDate.setMilliseconds(-1000); // created_time has whole seconds
    const { id } = await w.publish('grace', 'One more of the #jacquard');
    await until(() => come.includes(id));
  } finally {
    stream.stop();
  }
});

test('errors', async () => {
  await assert.rejects(open.authorizeUser('none', redirectURI), (e) => e === 'invalid_grant'); // of RFC 6749: it gives what stands under "error"
  await assert.rejects(ig.get('users/7'), (e) => e.meta.code === 400 && e.meta.error_type === 'APINotFoundError');
  await assert.rejects(ig.get(`media/${w.hidden.id}`), (e) => e.meta.error_type === 'APINotAllowedError');
  await assert.rejects(open.get('users/self'), (e) => e.meta.error_type === 'OAuthParameterException');
  await assert.rejects(open.get('users/self', { access_token: 'none' }), (e) => e.meta.error_type === 'OAuthAccessTokenException');
});
