// Completing tags while writing a caption, and the feed of who follows one: phone and desk, with axe.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { allUploaded, choose, fixture, nav, password, share, signIn } from '../flows.mjs';
import { axe, chapters, launch, person, shot, Site } from '../lib.mjs';

const me = 'mara.lind';

let site, browser, token, author;
const test = chapters(plain, () => browser, { apart: true });
const until = async (what, is) => {
  for (let tries = 0; !(await is()); tries++) {
    assert.ok(tries < 200, what);
    await new Promise((r) => setTimeout(r, 50));
  }
};
before(async () => {
  browser = await launch();
  site = await Site.create([], { demo: ['--people', '6', '--posts', '12', '--pictures', '8', '--width', '640', '--password', password] });
  token = (await site.api('POST', '/v1/session', { body: { login: me, password } })).access_token;
  const self = await site.api('GET', '/v1/users/self', { token });
  author = (await site.api('GET', `/v1/users/${self.id}/follows`, { token }))[0];
  await site.api('POST', `/v1/users/${author.id}/relationship`, { token, body: { action: 'unfollow' } });
  const theirs = (await site.api('POST', '/v1/session', { body: { login: author.username, password } })).access_token;
  const posts = await site.api('GET', '/v1/users/self/media/recent', { token: theirs });
  assert.ok(posts.length > 0, 'the author has posts');
  for (const m of posts) await site.api('PATCH', `/v1/media/${m.id}`, { token: theirs, body: { caption: 'Evening #日落 #sundown' } });
  await until('the posts came to their tag', async () => (await site.api('GET', '/v1/tags/sundown')).media_count === posts.length);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

for (const [width, height] of [[390, 844], [1280, 900]]) {
  test(`completing a tag, ${width} wide`, async () => {
    const page = await person(browser, site, { width, height });
    await signIn(page, me);
    await nav(page, 'Home').waitFor();
    await page.goto('/new');
    await choose(page, [fixture('portrait.jpg')]);
    await allUploaded(page, 1);
    await page.getByRole('button', { name: 'Next' }).click();
    const caption = page.getByLabel('Caption');
    await caption.pressSequentially('At last #sund');
    const option = page.getByRole('listbox', { name: 'Tags that begin like this' }).getByRole('option', { name: /#sundown/ });
    await option.waitFor();
    await axe(page, `tags to choose from, ${width}`);
    await shot(page, `tag-choices-${width}`);
    await caption.press('Enter');
    await caption.pressSequentially('＃日');
    await page.getByRole('option', { name: /#日落/ }).click();
    assert.equal(await caption.inputValue(), 'At last #sundown ＃日落 ');
    const post = await share(page);
    assert.deepEqual(post.tags, ['sundown', '日落']);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test(`a feed says for which tag a post is there, ${width} wide`, async () => {
    await site.api('POST', `/v1/tags/${encodeURIComponent('日落')}/relationship`, { token, body: { action: 'follow' } });
    const page = await person(browser, site, { width, height });
    await signIn(page, me);
    const card = page.getByRole('article', { name: author.username }).first();
    await card.getByText('which you follow').waitFor();
    await page.waitForLoadState('networkidle');
    await axe(page, `a feed with a followed tag, ${width}`);
    await shot(page, `feed-tag-${width}`);
    await card.getByRole('button', { name: 'More options' }).click();
    await page.getByRole('button', { name: 'Unfollow #日落' }).click();
    await page.getByText('You no longer follow #日落.').waitFor();
    await card.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await card.getByText('which you follow').waitFor();
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });
}
