// What the tests of client libraries share: a site with people, posts and an app, and the way to it for libraries that
// know no other host than the original's. The libraries are others' and run as they were published. To test another
// endpoint, call it through each library that has it, in that library's file.
import assert from 'node:assert/strict';
import https from 'node:https';
import net from 'node:net';
import { crc32, deflateSync } from 'node:zlib';
import { Site } from '../site.mjs';

export const redirectURI = 'https://viewer.example/callback';

/**
 * A site on which Ada is about to use an app. Grace has posted three pictures and follows Ada; Hermit is private, and
 * has one picture and a request of Ada's; Bob has liked and written under Grace's first.
 */
export async function world() {
  const site = await Site.create();
  const w = { site };
  // Names that no other suite takes: on a fleet they share a site.
  for (const [name, full] of [['ada', 'Ada Lovelace'], ['grace', 'Grace Hopper'], ['bob', 'Bob'], ['hermit', 'Hermit']]) w[name] = await site.signUp(`${name}_of_1843`, full);
  const api = (who, method, route, body) => site.api(method, route, { token: w[who].token, body });
  const publish = async (who, caption, location) => {
    const { id } = await api(who, 'POST', '/v1/uploads', picture(900, 700));
    return api(who, 'POST', '/v1/media', { uploads: [id], caption, ...(location && { location }) });
  };
  await api('hermit', 'PATCH', '/v1/users/self', { is_private: true });
  await api('ada', 'POST', `/v1/users/${w.hermit.id}/relationship`, { action: 'follow' });
  await api('grace', 'POST', `/v1/users/${w.ada.id}/relationship`, { action: 'follow' });
  await api('ada', 'POST', `/v1/users/${w.grace.id}/relationship`, { action: 'follow' });
  w.posts = [];
  w.posts.push(await publish('grace', 'A loom #jacquard', { name: 'Café Zoo', latitude: 52.5, longitude: 13.3 }));
  for (const n of [2, 3]) w.posts.push(await publish('grace', `Picture ${n} #jacquard`));
  w.hidden = await publish('hermit', 'Nobody sees this');
  await api('bob', 'POST', `/v1/media/${w.posts[0].id}/likes`, {});
  await api('bob', 'POST', `/v1/media/${w.posts[0].id}/comments`, { text: 'Lovely' });
  w.place = w.posts[0].location;
  assert.equal(typeof w.place.id, 'number');
  await until(async () => (await api('ada', 'GET', `/v1/locations/${w.place.id}/media/recent`)).length === 1);
  await until(async () => (await api('ada', 'GET', '/v1/media/search?lat=52.5&lng=13.3')).length === 1);
  w.app = await api('ada', 'POST', '/v1/apps', { name: 'Viewer', website: '', redirect_uris: [redirectURI], scopes: 'basic likes comments relationships' });
  await until(async () => (await api('ada', 'GET', '/v1/users/self/feed')).length === 3);
  await until(async () => (await api('ada', 'GET', '/v1/tags/jacquard')).media_count === 3);
  Object.assign(w, { api, publish });
  return w;
}

/** Waits for what jobs bring about; it fails if that does not come within ten seconds. */
export async function until(done) {
  for (let i = 0; !(await done()); i++) {
    assert.ok(i < 200, `it did not come: ${done}`);
    await new Promise((r) => setTimeout(r, 50));
  }
}

/** A PNG of a colour gradient. */
function picture(width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8); // 8 bits of each of red, green, blue
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows.set([x, y, x + y].map((v) => v & 255), y * (1 + 3 * width) + 1 + 3 * x);
  return new Uint8Array(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]));
}

/** What the consent page does when Ada allows what a library's address asks for; gives the code that comes to the app's address. */
export async function consent(w, authorizeURL, to = redirectURI) {
  const u = new URL(authorizeURL);
  assert.match(u.pathname, /^\/oauth\/authorize\/?$/);
  const { redirect_to } = await w.api('ada', 'POST', '/oauth/authorize', { ...Object.fromEntries(u.searchParams), allow: true });
  const back = new URL(redirect_to);
  assert.equal(back.origin + back.pathname, to);
  return back.searchParams.get('code');
}

/** An agent that brings what was meant for any host to the site. There is no TLS on the way: Tintype leaves that to a proxy. */
export class Redirect extends https.Agent {
  constructor(site) {
    super();
    this.to = new URL(site.base);
  }

  createConnection(_, done) {
    return net.connect({ host: this.to.hostname, port: this.to.port }, done);
  }
}

/** Redirects everything that this process sends by https and names no agent for. */
export const redirect = (site) => { https.globalAgent = new Redirect(site); };

/** A place, whose ID is a string where it is not inside a post. */
export function isPlace(p, w) {
  assert.deepEqual([p.id, p.name, p.latitude, p.longitude], [String(w.place.id), 'Café Zoo', 52.5, 13.3]);
}

/** A user as others' objects name them, whatever else is there. */
export function isShort(u, username) {
  for (const k of ['id', 'username', 'full_name', 'profile_picture']) assert.equal(typeof u[k], 'string', `${k} of ${JSON.stringify(u)}`);
  if (username) assert.equal(u.username, username);
}

/** A post, with all that libraries reach into without asking. */
export function isMedia(m, id) {
  if (id) assert.equal(m.id, id);
  assert.match(m.created_time, /^\d{10}$/);
  assert.ok(Array.isArray(m.tags) && Array.isArray(m.users_in_photo));
  assert.equal(m.attribution, null);
  assert.equal(m.type, 'image');
  assert.equal(typeof m.filter, 'string');
  assert.match(m.link, /\/p\/[\w-]+$/);
  for (const [name, px] of [['thumbnail', 150], ['low_resolution', 306], ['standard_resolution', 612]]) {
    assert.equal(m.images[name].width, px);
    assert.match(m.images[name].url, /\.jpg$/);
  }
  for (const list of [m.comments, m.likes]) {
    assert.ok(Number.isInteger(list.count) && list.data.length <= 8 && list.data.length <= list.count);
  }
  for (const c of m.comments.data) isComment(c);
  for (const u of m.likes.data) isShort(u);
  if (m.caption) isComment(m.caption);
  if (m.location?.id !== undefined) assert.equal(typeof m.location.id, 'number');
  isShort(m.user);
  assert.equal(typeof m.user.bio, 'string');
}

export function isComment(c, text) {
  assert.equal(typeof c.id, 'string');
  assert.match(c.created_time, /^\d{10}$/);
  if (text) assert.equal(c.text, text);
  isShort(c.from);
}
