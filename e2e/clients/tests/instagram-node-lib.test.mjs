// instagram-node-lib 0.1.1 (MIT), of 2012. It takes host, port and protocol from its environment.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { consent, isComment, isMedia, isPlace, isShort, redirectURI, until, world } from '../world.mjs';

let w, ig;
/** Its calls take two functions; the second answer of complete is the pagination. */
const call = (group, method, params = {}) => new Promise((resolve, reject) => {
  ig[group][method]({ ...params, complete: (data, pagination) => resolve({ data, pagination }), error: (type, message) => reject(Object.assign(new Error(`${type}: ${message}`), { type })) });
});

before(async () => {
  w = await world();
  const { hostname, port } = new URL(w.site.base);
  Object.assign(process.env, { TEST_HOST: hostname, TEST_PORT: port, TEST_PROTOCOL: 'http' });
  ig = createRequire(import.meta.url)('instagram-node-lib');
  for (const [k, v] of Object.entries({ client_id: w.app.client_id, client_secret: w.app.client_secret, redirect_uri: redirectURI })) ig.set(k, v);
});

after(() => w?.site.close());

test('what is public, with a client_id alone', async () => {
  isMedia((await call('media', 'info', { media_id: w.posts[0].id })).data, w.posts[0].id);
  await assert.rejects(call('users', 'self'), { type: 'OAuthParameterException' });
});

test('a person lets the app in', async () => {
  const code = await consent(w, ig.oauth.authorization_url({ scope: 'likes comments relationships', display: 'touch' }));
  const token = await new Promise((complete) => {
    ig.oauth.ask_for_access_token({ request: { url: `/callback?code=${code}` }, response: {}, complete });
  });
  isShort(token.user, w.ada.username);
  ig.set('access_token', token.access_token);
});

test('reading', async () => {
  assert.equal((await call('users', 'info', { user_id: w.grace.id })).data.counts.media, 3);
  isShort((await call('users', 'search', { q: w.grace.username })).data[0], w.grace.username);
  const first = await call('users', 'self', { count: 2 });
  assert.equal(first.data.length, 2);
  const second = await call('users', 'self', { count: 2, max_id: first.pagination.next_max_id });
  assert.deepEqual(second.data.map((m) => m.id), [w.posts[0].id]);
  assert.deepEqual(second.pagination, {});
  for (const m of (await call('users', 'recent', { user_id: w.grace.id })).data) isMedia(m);
  assert.deepEqual((await call('users', 'follows', { user_id: w.ada.id })).data.map((u) => u.username), [w.grace.username]);
  assert.deepEqual((await call('users', 'followed_by', { user_id: w.ada.id })).data.map((u) => u.username), [w.grace.username]);
  assert.deepEqual((await call('users', 'requested_by')).data, []);
  assert.equal((await call('users', 'relationship', { user_id: w.grace.id })).data.outgoing_status, 'follows');
  assert.deepEqual((await call('media', 'likes', { media_id: w.posts[0].id })).data.map((u) => u.username), [w.bob.username]);
  isComment((await call('media', 'comments', { media_id: w.posts[0].id })).data[0], 'Lovely');
});

test('tags', async () => {
  assert.deepEqual((await call('tags', 'info', { name: 'jacquard' })).data, { name: 'jacquard', media_count: 3 });
  assert.deepEqual((await call('tags', 'search', { q: 'jacq' })).data, [{ name: 'jacquard', media_count: 3 }]);
  const { data, pagination } = await call('tags', 'recent', { name: 'jacquard', count: 2 });
  for (const m of data) isMedia(m);
  assert.equal(pagination.next_max_tag_id, pagination.next_max_id);
  assert.match(pagination.deprecation_warning, /^next_max_id and min_id are deprecated/);
  assert.deepEqual((await call('tags', 'recent', { name: 'jacquard', max_tag_id: pagination.next_max_tag_id })).data.map((m) => m.id), [w.posts[0].id]);
});

test('places, and what is near', async () => {
  const { data: [found] } = await call('locations', 'search', { lat: 52.5001, lng: 13.3001, distance: 100 });
  isPlace(found, w);
  isPlace((await call('locations', 'info', { location_id: found.id })).data, w);
  assert.deepEqual((await call('locations', 'recent', { location_id: found.id })).data.map((m) => m.id), [w.posts[0].id]);
  assert.deepEqual((await call('media', 'search', { lat: 52.5001, lng: 13.3001 })).data.map((m) => m.id), [w.posts[0].id]);
});

test('writing', async () => {
  const media_id = w.posts[0].id;
  assert.equal((await call('media', 'like', { media_id })).data, null);
  assert.deepEqual((await call('users', 'liked_by_self', { count: 3 })).data.map((m) => m.id), [media_id]);
  assert.equal((await call('media', 'unlike', { media_id })).data, null);
  const { data: made } = await call('media', 'comment', { media_id, text: 'Instagram was here.' });
  isComment(made, 'Instagram was here.');
  assert.equal((await call('media', 'uncomment', { media_id, comment_id: made.id })).data, null);
  for (const [method, key, status] of [['unfollow', 'outgoing_status', 'none'], ['block', 'incoming_status', 'blocked_by_you'], ['unblock', 'incoming_status', 'none'],
    ['ignore', 'incoming_status', 'none'], ['follow', 'outgoing_status', 'follows']]) {
    assert.equal((await call('users', method, { user_id: w.bob.id })).data[key], status, method);
  }
});

test('a request is approved', async () => {
  await w.api('ada', 'PATCH', '/v1/users/self', { is_private: true });
  await w.api('bob', 'POST', `/v1/users/${w.ada.id}/relationship`, { action: 'follow' });
  await until(async () => (await call('users', 'requested_by')).data.some((u) => u.username === w.bob.username));
  assert.equal((await call('users', 'approve', { user_id: w.bob.id })).data.incoming_status, 'followed_by');
});

test('errors', async () => {
  await assert.rejects(call('users', 'info', { user_id: '7' }), { type: 'APINotFoundError' });
  await assert.rejects(call('users', 'recent', { user_id: w.hermit.id }), { type: 'APINotAllowedError' });
});
