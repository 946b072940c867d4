// The main job, whole, clicked, on a site that is killed with kill -9 again and again; of a fleet, one process at a time.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test as plain } from 'node:test';
import { acknowledged, allUploaded, choose, eventually, fixture, listen, meanColour, nav, order, password, pick, pictures, posts, share, signUp, slide, strip, tool } from '../flows.mjs';
import { chapters, launch, live, person, shot, Site } from '../lib.mjs';

let site, browser, ada, bo;
const test = chapters(plain, () => browser);
before(async () => {
  browser = await launch();
  site = await Site.create();
  ada = await person(browser, site);
  bo = await person(browser, site, { width: 1440, height: 900 });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

// The order of the album, after the portrait was moved two places on.
const album = [
  { file: 'dunes.heic', alt: 'Dunes, first light' },
  { file: 'dunes.avif', alt: 'Dunes, again' },
  { file: 'portrait.jpg', alt: 'A portrait, turned' },
  { file: 'flower.webp', alt: 'One flower' },
  { file: 'evening.png', alt: 'The evening' },
  { file: 'night.gif', alt: 'At night' },
];
const caption = 'Six plates of one day. #lofoten #first with @bo';
let first; // the album as published

test('the first person sets up the site', async () => {
  await ada.goto('/');
  await ada.getByRole('heading', { name: 'Set up your site' }).waitFor();
  await shot(ada, 'story-setup');
  await acknowledged(ada, 'POST', /^\/v1\/users$/, () => signUp(ada, { name: 'Ada Lind', username: 'ada', first: true }));
  await site.crash();

  await ada.reload();
  await ada.getByRole('heading', { name: 'A blank plate' }).waitFor();
  await shot(ada, 'story-empty-feed');
  await ada.goto('/settings');
  await ada.getByRole('link', { name: 'Site', exact: true }).waitFor(); // only the admin has that
});

test('composes an album of six formats', async () => {
  await nav(ada, 'Home').click();
  await ada.getByRole('link', { name: 'Post a photo' }).click();
  await choose(ada, ['portrait.jpg', 'dunes.heic', 'dunes.avif', 'flower.webp', 'evening.png', 'night.gif'].map(fixture));
  await allUploaded(ada, 6);
  await site.crash();

  await strip(ada).first().focus();
  await ada.keyboard.press('Alt+ArrowRight');
  await ada.keyboard.press('Alt+ArrowRight');
  await eventually(async () => assert.deepEqual(await order(ada), album.map((p) => p.file)), 'the new order', 3000);
  assert.match(await strip(ada).nth(2).getAttribute('aria-current'), /true/, 'the moved photo stays chosen');

  await tool(ada, 'Crop');
  await ada.getByRole('button', { name: 'Rotate' }).click();
  await pick(ada, '4:5');
  await shot(ada, 'story-crop');
  await tool(ada, 'Filters');
  await pick(ada, 'Harbour');
  await slide(ada, 'Strength', 70);
  await shot(ada, 'story-filter');
  await tool(ada, 'Adjust');
  await slide(ada, 'Brightness', 12);
  await slide(ada, 'Vignette', 30);
  await shot(ada, 'story-adjust');
  await ada.getByRole('button', { name: 'Next' }).click();

  await ada.getByLabel('Caption').fill(caption);
  await ada.getByLabel('Place', { exact: true }).fill('Lofoten');
  await ada.getByRole('button', { name: 'Use where it was taken' }).click();
  await ada.getByText('68.2345, 13.5678').waitFor();
  for (const [i, { alt }] of album.entries()) await ada.getByLabel(`Description of photo ${i + 1}`).fill(alt);
  await shot(ada, 'story-details');
});

test('publishes it, and what was acknowledged survives', async () => {
  first = await share(ada);
  await site.crash();
  const again = await site.api('GET', `/v1/media/shortcode/${first.shortcode}`);
  assert.equal(again.id, first.id);
  assert.equal(again.caption.text, caption);
  assert.equal(again.location.name, 'Lofoten');
  assert.ok(Math.abs(again.location.latitude - 68.2345) < 1e-4 && Math.abs(again.location.longitude - 13.5678) < 1e-4);
  assert.deepEqual(again.carousel_media.map((m) => m.alt_text), album.map((p) => p.alt));
  assert.equal((again.carousel_media[2].width / again.carousel_media[2].height).toFixed(2), '0.80', 'the crop');

  await ada.goto('/');
  const post = posts(ada, 'ada');
  await post.getByText('Six plates of one day').waitFor();
  const track = post.getByRole('group', { name: 'Photos of this album' });
  await track.focus();
  for (const [i, { alt }] of album.entries()) {
    await post.getByRole('group', { name: `${i + 1} of 6` }).getByRole('img', { name: alt }).waitFor();
    await pictures(ada, site);
    if (i === 2) await shot(ada, 'story-album');
    if (i < 5) {
      await post.getByText(`${i + 1}/6`).waitFor();
      await track.press('ArrowRight');
      await post.getByText(`${i + 2}/6`).waitFor();
    }
  }
});

test('every picture of it is the one that was chosen', async () => {
  for (const [i, { file }] of album.entries()) {
    if (file === 'portrait.jpg') continue; // graded on purpose
    const bytes = await readFile(fixture(file));
    const upload = await ada.evaluate(async (b64) => {
      const body = Uint8Array.from(atob(b64), (c) => c.charCodeAt(0));
      return (await (await fetch('/v1/uploads', { method: 'POST', body })).json()).data;
    }, bytes.toString('base64'));
    const want = await meanColour(ada, upload.url);
    const got = await meanColour(ada, first.carousel_media[i].renditions[0].url);
    for (const c of [0, 1, 2]) assert.ok(Math.abs(got[c] - want[c]) < 3, `${file}: published ${got}, uploaded ${want}`);
  }
});

test('a second person finds and follows the first', async () => {
  await bo.goto('/');
  await bo.getByRole('link', { name: 'Create an account' }).click();
  await signUp(bo, { name: 'Bo Ek', username: 'bo' });
  await site.crash();
  await nav(bo, 'Search').click();
  await bo.getByRole('searchbox', { name: 'Search people, tags, places and photos' }).fill('lind');
  await bo.getByRole('main').getByRole('link', { name: /^ada/ }).click();
  await bo.getByText('1 post', { exact: true }).waitFor();
  await acknowledged(bo, 'POST', /relationship$/, () => bo.getByRole('button', { name: 'Follow ada' }).click());
  await site.crash();

  await bo.goto('/');
  await posts(bo, 'ada').getByText('Six plates of one day').waitFor();
  await pictures(bo, site);
  await shot(bo, 'story-feed-desktop');
});

test('a new photo reaches an open feed without reloading', async () => {
  await live(bo);
  await nav(ada, 'New post').click();
  await choose(ada, fixture('evening.png'));
  await allUploaded(ada, 1);
  await ada.getByRole('button', { name: 'Next' }).click();
  const words = ada.getByLabel('Caption');
  await words.pressSequentially('Live from here, @b');
  // The site was killed a moment ago: a question that was lost with it is asked again by typing on.
  const bos = ada.getByRole('option', { name: /bo/ });
  for (let i = 0; i < 4 && !(await bos.waitFor({ timeout: 3000 }).then(() => true, () => false)); i++) {
    await words.press('Backspace');
    await words.pressSequentially('b');
  }
  await bos.waitFor();
  await words.press('Enter');
  assert.equal(await words.inputValue(), 'Live from here, @bo ');
  await share(ada);
  await posts(bo, 'ada').getByText('Live from here').waitFor({ timeout: 5000 });
  assert.equal(await posts(bo, 'ada').count(), 2);
  await ada.getByText('Your post is out.').waitFor();
  await nav(bo, 'Activity').getByText('1 new').waitFor({ timeout: 5000 }); // the mention
});

test('what one process takes, the others show', async () => {
  const at = await site.processes();
  const token = async (login) => (await site.api('POST', '/v1/session', { body: { login, password } })).access_token;
  const [author, reader] = [await token('ada'), await token('bo')];
  for (const [i, here] of at.entries()) {
    const lines = await Promise.all(at.map((a) => listen(a, reader)));
    const upload = await site.api('POST', '/v1/uploads', { token: author, at: here, body: await readFile(fixture('night.gif')) });
    const post = await site.api('POST', '/v1/media', { token: author, at: here, body: { uploads: [upload.id], caption: 'First words' } });
    // Whichever worker brings it to the followers, and whichever process they are connected to.
    await Promise.all(lines.map((l) => l.heard(post.id)));
    for (const l of lines) l.close();
    const everywhere = (check, what) => Promise.all(at.map((a) => eventually(() => check(a), `${what} at ${a}`)));
    await everywhere(async (a) => {
      const feed = await site.api('GET', '/v1/users/self/feed', { token: reader, at: a });
      assert.equal(feed[0].id, post.id);
      assert.equal(feed[0].caption.text, 'First words');
    }, 'the new post');
    const next = at[(i + 1) % at.length];
    await site.api('PATCH', `/v1/media/${post.id}`, { token: author, at: next, body: { caption: 'Second words' } });
    await everywhere(async (a) => assert.equal((await site.api('GET', `/v1/media/${post.id}`, { token: reader, at: a })).caption.text, 'Second words'), 'the new caption');
    await site.api('DELETE', `/v1/media/${post.id}`, { token: author, at: here });
    await everywhere((a) => assert.rejects(site.api('GET', `/v1/media/${post.id}`, { token: reader, at: a }), /not.?found/i), 'its end');
  }
});

test('a kill in the midst of publishing makes one post, not none and not two', async () => {
  await nav(ada, 'New post').click();
  await choose(ada, fixture('flower.webp'));
  await allUploaded(ada, 1);
  await ada.getByRole('button', { name: 'Next' }).click();
  await ada.getByLabel('Caption').fill('Through a crash');
  const sent = ada.waitForRequest((r) => r.method() === 'POST' && new URL(r.url()).pathname === '/v1/media');
  await ada.getByRole('button', { name: 'Share' }).click();
  await sent;
  await site.crash({ whole: true });
  // Either the answer came before the end, or the composer says that nothing is lost.
  const kept = ada.getByText('Nothing of your post is lost.');
  await Promise.race([kept.waitFor(), ada.waitForURL('/')]);
  if (await kept.isVisible()) await share(ada);
  await ada.waitForURL('/');
  await ada.goto('/ada');
  await ada.getByText('3 posts', { exact: true }).waitFor();
  await pictures(ada, site);
  await shot(ada, 'story-profile');
});

test('likes and comments reach the author live', async () => {
  await Promise.all([live(ada), live(bo)]);
  await bo.goto('/');
  const older = posts(bo, 'ada').filter({ hasText: 'Six plates' });
  const newer = posts(bo, 'ada').filter({ hasText: 'Live from here' });
  await acknowledged(bo, 'POST', /likes$/, () => newer.getByRole('button', { name: 'Like', exact: true }).click());
  await newer.getByRole('button', { name: 'Unlike' }).waitFor();
  await acknowledged(bo, 'POST', /likes$/, () => older.getByRole('group', { name: 'Photos of this album' }).dblclick());
  await older.getByRole('button', { name: 'Unlike' }).waitFor();
  await acknowledged(bo, 'POST', /comments$/, async () => {
    await older.getByRole('textbox', { name: 'Comment on the post by ada' }).fill('The light in the third!');
    await bo.keyboard.press('Enter');
  });
  await site.crash();

  // A follow, two likes and a comment.
  await nav(ada, 'Activity').getByText(/\d new/).waitFor();
  await nav(ada, 'Activity').click();
  await ada.getByText('The light in the third!').waitFor();
  await ada.getByText('bo follows you.').waitFor();
  assert.equal(await ada.getByText('bo liked your photo.').count(), 2);
  await shot(ada, 'story-activity');
  await live(ada);
  await live(bo);

  // A row that comes while the page is open, and the badge while another is.
  await acknowledged(bo, 'POST', /comments$/, async () => {
    await newer.getByRole('textbox').fill('And this one.');
    await bo.keyboard.press('Enter');
  });
  await ada.getByText('And this one.').waitFor({ timeout: 5000 });
  await nav(ada, 'Profile').click();
  await acknowledged(bo, 'POST', /comments$/, async () => {
    await newer.getByRole('textbox').fill('I shall come back to it.');
    await bo.keyboard.press('Enter');
  });
  await nav(ada, 'Activity').getByText('1 new').waitFor({ timeout: 5000 });

  const post = await site.api('GET', `/v1/media/${first.id}`);
  assert.equal(post.likes.count, 1);
  assert.equal(post.comments.count, 1);
});

test('a private account answers requests and removes a follower; a deleted post is gone', async () => {
  const open = await bo.evaluate(async () => (await (await fetch('/v1/users/self/feed')).json()).data.flatMap((m) => Object.values(m.images).map((i) => i.url)));
  await ada.goto('/settings/account');
  await acknowledged(ada, 'PATCH', /self$/, () => ada.getByRole('switch', { name: /^Private account/ }).click());
  await site.crash();

  const cy = await person(browser, site, { width: 1440, height: 900 });
  await cy.goto('/sign-up');
  await signUp(cy, { name: 'Cy Moe', username: 'cy' });
  await cy.goto('/ada');
  await cy.getByText('This account is private').waitFor();
  await ada.goto('/activity');
  await live(ada);
  await acknowledged(cy, 'POST', /relationship$/, () => cy.getByRole('button', { name: 'Follow ada' }).click());
  await ada.getByRole('button', { name: 'Approve the request of cy' }).waitFor({ timeout: 5000 });
  await shot(ada, 'story-request');
  await acknowledged(ada, 'POST', /relationship$/, () => ada.getByRole('button', { name: 'Approve the request of cy' }).click());
  await site.crash();
  await cy.goto('/');
  await posts(cy, 'ada').first().waitFor();

  // Bo still follows and has signed addresses now; the open ones from before say no to strangers.
  const status = async (who, url) => (who ? (await who.context().request.get(url)).status() : (await fetch(url)).status);
  const signed = await bo.evaluate(async () => (await (await fetch('/v1/users/self/feed')).json()).data.flatMap((m) => Object.values(m.images).map((i) => i.url)));
  assert.ok(signed.length > 0);
  for (const url of signed) assert.equal(await status(bo, url), 200, url);
  for (const url of open) await eventually(async () => assert.equal(await status(null, url), 404), `${url} is closed to strangers`);

  await ada.goto('/ada');
  await ada.getByRole('button', { name: /2 followers/ }).click();
  await ada.getByRole('button', { name: 'Remove follower bo' }).click();
  await acknowledged(ada, 'POST', /relationship$/, () => ada.getByRole('button', { name: 'Really remove follower bo' }).click());

  for (const url of [...open, ...signed]) {
    await eventually(async () => assert.equal(await status(bo, url), 404), `${url} is closed to bo`);
    await eventually(async () => assert.equal(await status(null, url), 404), `${url} is closed to all`);
  }
  await bo.goto('/');
  await bo.getByRole('heading', { name: 'A blank plate' }).waitFor();
  await bo.goto('/ada');
  await bo.getByText('This account is private').waitFor();
  await bo.goto(`/p/${first.shortcode}`);
  await bo.getByRole('heading', { name: 'Nothing here' }).waitFor();
  await cy.goto(`/p/${first.shortcode}`);
  await cy.getByText('The light in the third!').waitFor();
  await pictures(cy, site);
  await shot(cy, 'story-post-desktop');

  // What is deleted is gone for those who could see it.
  const urls = await cy.evaluate(async (id) => (await (await fetch(`/v1/media/${id}`)).json()).data.carousel_media.flatMap((m) => Object.values(m.images).map((i) => i.url)), first.id);
  for (const url of urls) assert.equal(await status(cy, url), 200, url);
  await ada.goto(`/p/${first.shortcode}`);
  await pictures(ada, site);
  await shot(ada, 'story-post');
  await ada.getByRole('button', { name: 'More options' }).first().click();
  await ada.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await acknowledged(ada, 'DELETE', /^\/v1\/media\//, () => ada.getByRole('dialog', { name: 'Delete this post?' }).getByRole('button', { name: 'Delete' }).click());
  await site.crash();
  await cy.goto('/');
  await posts(cy, 'ada').getByText('Live from here').waitFor();
  assert.equal(await posts(cy, 'ada').getByText('Six plates').count(), 0);
  await cy.goto(`/p/${first.shortcode}`);
  await cy.getByRole('heading', { name: 'Nothing here' }).waitFor();
  for (const url of urls) await eventually(async () => assert.equal(await status(cy, url), 404), `${url} is gone`);
  for (const page of [ada, bo, cy]) assert.deepEqual(page.errors, []);
});
