// instagram-api 1.0.3 (MIT), of 2016: one function for each endpoint, paths that end in a slash. The original's host stands in its code.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import library from 'instagram-api';
import { consent, isComment, isMedia, isPlace, isShort, redirect, redirectURI, world } from '../world.mjs';

let w, ig;

before(async () => {
  w = await world();
  redirect(w.site);
  const ask = new URLSearchParams({ client_id: w.app.client_id, redirect_uri: redirectURI, response_type: 'code', scope: 'likes comments relationships' });
  const code = await consent(w, `${w.site.base}/oauth/authorize/?${ask}`);
  const answer = await fetch(`${w.site.base}/oauth/access_token/`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: w.app.client_id, client_secret: w.app.client_secret, grant_type: 'authorization_code', redirect_uri: redirectURI, code }),
  });
  ig = library((await answer.json()).access_token);
});

after(() => w?.site.close());

test('reading people', async () => {
  const self = await ig.userSelf();
  assert.equal(self.data.username, w.ada.username);
  assert.ok(self.limit > 0 && self.remaining > 0);
  assert.equal((await ig.user(w.grace.id)).data.username, w.grace.username);
  isShort((await ig.userSearch(w.grace.username)).data[0], w.grace.username);
  assert.deepEqual((await ig.userSelfFollows()).data.map((u) => u.username), [w.grace.username]);
  assert.deepEqual((await ig.userSelfFollowedBy()).data.map((u) => u.username), [w.grace.username]);
  assert.deepEqual((await ig.userSelfRequestedBy()).data, []);
  assert.equal((await ig.userRelationship(w.hermit.id)).data.outgoing_status, 'requested');
});

test('reading posts', async () => {
  assert.deepEqual((await ig.userSelfMedia()).data, []);
  const first = await ig.userMedia(w.grace.id, { count: 2 });
  const second = await ig.userMedia(w.grace.id, { count: 2, max_id: first.pagination.next_max_id });
  assert.deepEqual([...first.data, ...second.data].map((m) => m.id), w.posts.map((m) => m.id).reverse());
  isMedia((await ig.media(w.posts[0].id)).data, w.posts[0].id);
  isMedia((await ig.mediaByShortcode(w.posts[0].shortcode)).data, w.posts[0].id);
  isComment((await ig.mediaComments(w.posts[0].id)).data[0], 'Lovely');
  assert.deepEqual((await ig.mediaLikes(w.posts[0].id)).data.map((u) => u.username), [w.bob.username]);
});

test('tags', async () => {
  assert.deepEqual((await ig.getTag('jacquard')).data, { name: 'jacquard', media_count: 3 });
  assert.deepEqual((await ig.searchTags('jacq')).data, [{ name: 'jacquard', media_count: 3 }]);
  const first = await ig.getMediasByTag('jacquard', { count: 2 });
  for (const m of first.data) isMedia(m);
  assert.equal((await ig.getMediasByTag('jacquard', { max_tag_id: first.pagination.next_max_tag_id })).data.length, 1);
});

test('places, and what is near', async () => {
  const { data: [found] } = await ig.searchLocations({ lat: 52.5001, lng: 13.3001, distance: 100 });
  isPlace(found, w);
  isPlace((await ig.getLocation(found.id)).data, w);
  assert.deepEqual((await ig.getMediasByLocation(found.id)).data.map((m) => m.id), [w.posts[0].id]);
  assert.deepEqual((await ig.mediaSearch({ lat: 52.5001, lng: 13.3001, distance: 100 })).data.map((m) => m.id), [w.posts[0].id]);
});

test('writing', async () => {
  assert.equal((await ig.postMediaLike(w.posts[0].id)).data, null);
  assert.deepEqual((await ig.userSelfMediaLiked()).data.map((m) => m.id), [w.posts[0].id]);
  assert.equal((await ig.removeMediaLike(w.posts[0].id)).data, null);
  const made = await ig.postMediaComment(w.posts[0].id, 'Hello');
  isComment(made.data, 'Hello');
  assert.equal((await ig.removeMediaComment(w.posts[0].id, made.data.id)).data, null);
  assert.equal((await ig.setUserRelationship(w.bob.id, 'follow')).data.outgoing_status, 'follows');
  assert.equal((await ig.setUserRelationship(w.bob.id, 'unfollow')).data.outgoing_status, 'none');
});

test('errors', async () => {
  await assert.rejects(ig.user('7'), { code: 400, error_type: 'APINotFoundError', error_message: 'this user does not exist' });
  await assert.rejects(ig.media(w.hidden.id), { error_type: 'APINotAllowedError' });
  await assert.rejects(library('none').userSelf(), { error_type: 'OAuthAccessTokenException' });
});
