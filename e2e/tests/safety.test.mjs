// Muting, restricting, hidden words, comments that wait and who may comment: phone and desk, with axe.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { nav, password, signIn } from '../flows.mjs';
import { axe, chapters, launch, person, shot, Site } from '../lib.mjs';

const me = 'mara.lind';

let site, browser, token, other, theirs, mine, their;
const test = chapters(plain, () => browser, { apart: true });
const post = (path, body, as = token) => site.api('POST', path, { token: as, body });
const relate = (id, action) => post(`/v1/users/${id}/relationship`, { action });

before(async () => {
  browser = await launch();
  site = await Site.create([], { demo: ['--people', '6', '--posts', '18', '--pictures', '8', '--width', '640', '--password', password] });
  token = (await site.api('POST', '/v1/session', { body: { login: me, password } })).access_token;
  const self = await site.api('GET', '/v1/users/self', { token });
  for (const u of await site.api('GET', `/v1/users/${self.id}/follows`, { token })) {
    const as = (await site.api('POST', '/v1/session', { body: { login: u.username, password } })).access_token;
    const list = await site.api('GET', '/v1/users/self/media/recent', { token: as });
    if (list.length > 0) [other, theirs, their] = [u, as, list[0]];
  }
  mine = (await site.api('GET', '/v1/users/self/media/recent', { token }))[0];
  assert.ok(other && mine, 'both have posts');
  await site.api('PATCH', `/v1/media/${their.id}`, { token: theirs, body: { caption: 'A dreadful tide, 真讨厌' } });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const end = async (page) => {
  assert.deepEqual(page.errors, []);
  await page.context().close();
};

for (const [width, height] of [[390, 844], [1280, 900]]) {
  test(`muting from a post and undoing it in the settings, ${width} wide`, async () => {
    const page = await person(browser, site, { width, height });
    await signIn(page, me);
    const card = page.getByRole('article', { name: other.username });
    await card.first().waitFor();
    await card.first().getByRole('button', { name: 'More options' }).click();
    await page.getByRole('button', { name: 'Mute or restrict' }).click();
    const dialog = page.getByRole('dialog', { name: `Mute or restrict ${other.username}` });
    const mute = dialog.getByRole('switch', { name: 'Mute posts' });
    await mute.waitFor();
    await axe(page, `muting, ${width}`);
    await mute.check();
    await dialog.getByRole('switch', { name: 'Mute activity as well' }).check();
    await shot(page, `safety-dialog-${width}`);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await card.first().waitFor({ state: 'detached' });
    await page.goto('/settings/muted');
    const end1 = page.getByRole('button', { name: `Unmute ${other.username}` });
    await end1.waitFor();
    await axe(page, `the muted, ${width}`);
    await shot(page, `settings-muted-${width}`);
    await end1.click();
    await page.getByText('You have muted nobody').waitFor();
    await shot(page, `settings-muted-none-${width}`);
    await page.getByRole('button', { name: 'Undo' }).click();
    await end1.waitFor();
    await end1.click();
    await page.getByText('You have muted nobody').waitFor();
    await nav(page, 'Home').click();
    await card.first().waitFor();
    await end(page);
  });

  test(`comments that wait, ${width} wide`, async () => {
    await relate(other.id, 'restrict');
    const said = `From the restricted, ${width}`;
    const again = `Once more, ${width}`;
    await post(`/v1/media/${mine.id}/comments`, { text: said }, theirs);
    await post(`/v1/media/${mine.id}/comments`, { text: again }, theirs);
    const page = await person(browser, site, { width, height });
    await signIn(page, me);
    await nav(page, 'Home').waitFor();
    await page.goto(`/p/${mine.shortcode}`);
    await page.getByRole('button', { name: 'More options' }).click();
    await page.getByRole('button', { name: 'Hidden comments' }).click();
    const dialog = page.getByRole('dialog', { name: 'Hidden comments' });
    const row = dialog.getByRole('listitem').filter({ hasText: said });
    await row.waitFor();
    await axe(page, `comments that wait, ${width}`);
    await shot(page, `held-dialog-${width}`);
    await row.getByRole('button', { name: 'Approve' }).click();
    await row.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.getByRole('list', { name: 'Comments' }).getByText(said).waitFor();
    await page.goto('/settings/comments');
    const left = page.getByRole('listitem').filter({ hasText: again });
    await left.waitFor();
    await axe(page, `the settings of comments, ${width}`);
    await shot(page, `settings-comments-${width}`);
    await left.getByRole('button', { name: 'Delete' }).click();
    await left.waitFor({ state: 'detached' });
    await page.goto('/settings/restricted');
    await page.getByRole('button', { name: `No longer restrict ${other.username}` }).click();
    await page.getByText('You have restricted nobody').waitFor();
    await axe(page, `the restricted, ${width}`);
    await end(page);
  });

  test(`hidden words cover posts, ${width} wide`, async () => {
    const page = await person(browser, site, { width, height });
    await signIn(page, me);
    await nav(page, 'Home').waitFor();
    await page.goto('/settings/words');
    await page.getByLabel('Word or phrase').fill('Dreadful, 讨厌');
    await page.getByRole('button', { name: 'Add' }).click();
    const chip = page.getByRole('button', { name: 'Remove “Dreadful”' });
    await chip.waitFor();
    await page.getByRole('button', { name: 'Remove “讨厌”' }).waitFor();
    await page.getByRole('switch', { name: 'Cover posts in my feed, too' }).check();
    await axe(page, `hidden words, ${width}`);
    await shot(page, `settings-words-${width}`);
    await nav(page, 'Home').click();
    const cover = page.getByText('It has a word that you hide.').first();
    await cover.waitFor();
    await cover.scrollIntoViewIfNeeded();
    await axe(page, `a covered post, ${width}`);
    await shot(page, `feed-covered-${width}`);
    await page.getByRole('button', { name: 'Show', exact: true }).first().click();
    await page.getByText('A dreadful tide').first().waitFor();
    await page.goto('/settings/words');
    await chip.click();
    await chip.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await chip.waitFor();
    await site.api('PATCH', '/v1/users/self/safety', { token, body: { hidden_words: [], cover_feed: false } });
    await end(page);
  });

  test(`who may comment, ${width} wide`, async () => {
    const page = await person(browser, site, { width, height });
    await signIn(page, me);
    await nav(page, 'Home').waitFor();
    await page.goto(`/p/${mine.shortcode}`);
    await page.getByRole('button', { name: 'More options' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    const nobody = page.getByRole('dialog').getByRole('radio', { name: 'Nobody' });
    await nobody.scrollIntoViewIfNeeded();
    await nobody.check();
    await axe(page, `editing who may comment, ${width}`);
    await shot(page, `edit-commenters-${width}`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const guest = await person(browser, site, { width, height });
    await signIn(guest, other.username);
    await nav(guest, 'Home').waitFor();
    await guest.goto(`/p/${mine.shortcode}`);
    await guest.getByText('Comments on this post are limited.').waitFor();
    assert.equal(await guest.locator('[data-comment-input]').count(), 0);
    await axe(guest, `a post without comments, ${width}`);
    await shot(guest, `post-limited-${width}`);
    await site.api('PATCH', `/v1/media/${mine.id}`, { token, body: { commenters: 'default' } });
    await end(guest);
    await end(page);
  });
}
