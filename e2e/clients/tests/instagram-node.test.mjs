// instagram-node 0.5.8 (MIT), the most used library for Node at its time. It takes an agent.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import library from 'instagram-node';
import { Redirect, consent, isComment, isMedia, isPlace, isShort, redirectURI, until, world } from '../world.mjs';

let w, ig, open, token;
const call = (f, ...args) => new Promise((resolve, reject) => { f(...args, (err, ...out) => (err ? reject(err) : resolve(out))); });

before(async () => {
  w = await world();
  ig = library.instagram({ agent: new Redirect(w.site) });
  open = library.instagram({ agent: new Redirect(w.site) });
});

after(() => w?.site.close());

test('a person lets the app in', async () => {
  const client = { client_id: w.app.client_id, client_secret: w.app.client_secret };
  open.use(client);
  ig.use(client);
  const code = await consent(w, ig.get_authorization_url(redirectURI, { scope: ['likes', 'comments', 'relationships'], state: 'x y' }));
  const [answer] = await call(ig.authorize_user, code, redirectURI);
  isShort(answer.user, w.ada.username);
  token = answer.access_token;
  ig.use({ access_token: token });
});

test('reading people', async () => {
  const [grace, remaining, limit] = await call(ig.user, w.grace.id);
  assert.deepEqual([grace.username, grace.counts.media, grace.counts.followed_by], [w.grace.username, 3, 1]);
  assert.ok(limit > 0 && remaining > 0 && remaining <= limit, `${remaining} of ${limit}`);
  const [found] = await call(ig.user_search, w.grace.username, { count: 50 });
  isShort(found[0], w.grace.username);
  const [follows] = await call(ig.user_follows, w.ada.id);
  assert.deepEqual(follows.map((u) => u.username), [w.grace.username]);
  const [followers] = await call(ig.user_followers, w.grace.id);
  assert.deepEqual(followers.map((u) => u.username), [w.ada.username]);
  assert.deepEqual((await call(ig.user_self_requested_by))[0], []);
  assert.deepEqual((await call(ig.user_relationship, w.hermit.id))[0], { outgoing_status: 'requested', incoming_status: 'none', target_user_is_private: true });
});

test('reading posts, page by page', async () => {
  const [feed, pages] = await call(ig.user_self_feed, { count: 2 });
  for (const m of feed) isMedia(m);
  const [rest, last] = await call(pages.next);
  assert.deepEqual([...feed, ...rest].map((m) => m.id), w.posts.map((m) => m.id).reverse());
  assert.equal(last.next, undefined);
  const [recent] = await call(ig.user_media_recent, w.grace.id, { count: 60, min_timestamp: 1, max_timestamp: 4_000_000_000 });
  assert.equal(recent.length, 3);
  assert.deepEqual((await call(ig.user_self_media_recent, {}))[0], []);
  const [one] = await call(ig.media, w.posts[0].id);
  isMedia(one, w.posts[0].id);
  assert.equal(one.user_has_liked, false);
  isMedia((await call(ig.media_shortcode, w.posts[0].shortcode))[0], w.posts[0].id);
});

test('tags', async () => {
  assert.deepEqual((await call(ig.tag, 'jacquard'))[0], { name: 'jacquard', media_count: 3 });
  assert.deepEqual((await call(ig.tag_search, 'jacq'))[0], [{ name: 'jacquard', media_count: 3 }]);
  const [first, pages] = await call(ig.tag_media_recent, 'jacquard', { count: 2 });
  for (const m of first) isMedia(m);
  const [rest] = await call(pages.next);
  assert.deepEqual([...first, ...rest].map((m) => m.id), w.posts.map((m) => m.id).reverse());
  assert.equal((await call(open.tag, 'jacquard'))[0].media_count, 3);
});

test('places, and what is near', async () => {
  const [[found]] = await call(ig.location_search, { lat: 52.5001, lng: 13.3001 }, { distance: 100 });
  isPlace(found, w);
  isPlace((await call(ig.location, found.id))[0], w);
  const [there] = await call(ig.location_media_recent, found.id, {});
  assert.deepEqual(there.map((m) => m.id), [w.posts[0].id]);
  const [near] = await call(ig.media_search, 52.501, 13.3, { distance: 500, min_timestamp: 1 + Math.floor(Date.now() / 1000) - 3600 });
  assert.deepEqual(near.map((m) => m.id), [w.posts[0].id]);
  isMedia(near[0]);
  assert.ok(near[0].distance > 110 && near[0].distance < 112, `${near[0].distance} m`);
});

test('what is popular', async () => {
  const [popular] = await call(open.media_popular);
  assert.deepEqual(popular.map((m) => m.id), [w.posts[0].id]);
  isMedia(popular[0]);
});

test('what others may embed', async () => {
  const [m] = await call(open.media, w.posts[0].id);
  const [it] = await call(open.oembed, m.link);
  assert.deepEqual([it.version, it.type, it.width, it.height, it.author_name, it.media_id], ['1.0', 'photo', 612, 612, w.grace.username, m.id]);
  assert.equal(typeof it.author_id, 'number');
  const [hidden] = await call(open.oembed, m.link.replace(/[^/]+$/, w.hidden.shortcode));
  assert.equal(hidden.type, undefined);
});

test('liking and taking it back', async () => {
  await call(ig.add_like, w.posts[0].id);
  assert.deepEqual((await call(ig.likes, w.posts[0].id))[0].map((u) => u.username).sort(), [w.ada.username, w.bob.username]);
  const [liked] = await call(ig.user_self_liked, { count: 3 });
  assert.deepEqual(liked.map((m) => [m.id, m.user_has_liked]), [[w.posts[0].id, true]]);
  await call(ig.del_like, w.posts[0].id);
  assert.equal((await call(ig.media, w.posts[0].id))[0].likes.count, 1);
});

test('writing a comment and taking it back', async () => {
  const [made] = await call(ig.add_comment, w.posts[0].id, 'Très “joli” & more 谢谢');
  isComment(made, 'Très “joli” & more 谢谢');
  assert.deepEqual((await call(ig.comments, w.posts[0].id))[0].map((c) => c.text), ['Lovely', made.text]);
  await call(ig.del_comment, w.posts[0].id, made.id);
  assert.equal((await call(ig.comments, w.posts[0].id))[0].length, 1);
});

test('following, blocking and back', async () => {
  for (const [action, out, incoming] of [['follow', 'follows', 'none'], ['unfollow', 'none', 'none'], ['block', 'none', 'blocked_by_you'], ['unblock', 'none', 'none'],
    ['ignore', 'none', 'none'], ['follow', 'follows', 'none']]) {
    const [r] = await call(ig.set_user_relationship, w.bob.id, action);
    assert.deepEqual([r.outgoing_status, r.incoming_status], [out, incoming], action);
  }
});

test('what is public, with a client_id alone', async () => {
  isMedia((await call(open.media, w.posts[0].id))[0], w.posts[0].id);
  assert.equal((await call(open.user, w.grace.id))[0].username, w.grace.username);
  assert.equal((await call(open.user_media_recent, w.grace.id, {}))[0].length, 3);
  await assert.rejects(call(open.user_self_feed, {}), { code: 400, error_type: 'OAuthParameterException' });
});

test('errors', async () => {
  await assert.rejects(call(ig.user, '7'), { code: 400, error_type: 'APINotFoundError', error_message: 'this user does not exist' });
  await assert.rejects(call(ig.media, w.hidden.id), { code: 400, error_type: 'APINotAllowedError', error_message: 'you cannot view this resource' });
  await assert.rejects(call(ig.user_media_recent, w.hermit.id, {}), { error_type: 'APINotAllowedError' });
  const stray = library.instagram({ agent: new Redirect(w.site) });
  stray.use({ access_token: 'none' });
  await assert.rejects(call(stray.user, 'self'), { code: 400, error_type: 'OAuthAccessTokenException', error_message: 'The access_token provided is invalid.' });
  stray.use({ client_id: 'none', client_secret: 'none' });
  await assert.rejects(call(stray.user, w.grace.id), { code: 400, error_type: 'OAuthParameterException' });
});

test('signed requests, of an app that takes no others', async () => {
  await w.api('ada', 'PATCH', `/v1/apps/${w.app.id}`, { enforce_signed: true });
  try {
    await until(() => call(ig.user, 'self').then(() => false, (e) => e.code === 403 && e.error_type === 'OAuthForbiddenException')); // other processes hear of it within seconds
    const signing = library.instagram({ agent: new Redirect(w.site), enforce_signed_requests: true });
    signing.use({ access_token: token, client_secret: w.app.client_secret });
    assert.equal((await call(signing.user, 'self'))[0].username, w.ada.username);
    assert.equal((await call(signing.user_self_feed, { count: 2 }))[0].length, 2);
    await call(signing.add_like, w.posts[1].id);
    await call(signing.del_like, w.posts[1].id);
    const [made] = await call(signing.add_comment, w.posts[1].id, 'signed & sealed');
    await call(signing.del_comment, w.posts[1].id, made.id);
    signing.use({ access_token: token, client_secret: 'another' });
    await assert.rejects(call(signing.user, 'self'), { code: 403, error_type: 'OAuthForbiddenException' });
  } finally {
    await w.api('ada', 'PATCH', `/v1/apps/${w.app.id}`, { enforce_signed: false });
  }
});
