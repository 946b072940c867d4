// Muting, restricting, hidden words, comments that wait and who may comment: phone and desk, with axe.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { eventually, nav, signIn } from '../flows.mjs';
import { axe, chapters, end, launch, person, shot, Site } from '../lib.mjs';

let site, browser, made = 0;
const test = chapters(plain, () => browser, { apart: true });

/** Two who have nothing to do with the other tests: `me`, who follows `other`; each has a post. */
async function two() {
  made++;
  const me = await site.signUp(`reader_${made}`, 'Rae Reader');
  const other = await site.signUp(`author_${made}`, 'Ada Author');
  const mine = await site.publish(me.token, 'evening.png', { caption: 'The harbour, late' });
  await site.follow(me.token, other.id);
  const their = await site.publish(other.token, 'portrait.jpg', { caption: 'A dreadful tide, 真讨厌' });
  await eventually(async () => {
    const feed = await site.api('GET', '/v1/users/self/feed', { token: me.token });
    assert.ok(feed.some((m) => m.id === their.id));
  }, 'the post is in the feed', 20_000);
  return { me, other, mine, their };
}

before(async () => {
  browser = await launch();
  site = await Site.create();
  await site.signUp('keeper'); // the first has the site
});
after(async () => {
  await browser?.close();
  await site?.close();
});

for (const [width, height] of [[390, 844], [1280, 900]]) {
  test(`muting from a post and undoing it in the settings, ${width} wide`, async () => {
    const { me, other } = await two();
    const page = await person(browser, site, { width, height });
    await signIn(page, me.username);
    const card = page.getByRole('article', { name: other.username });
    await card.first().waitFor();
    await card.first().getByRole('button', { name: 'More options' }).click();
    await page.getByRole('button', { name: 'Mute or restrict' }).click();
    const dialog = page.getByRole('dialog', { name: `Mute or restrict ${other.username}` });
    const mute = dialog.getByRole('switch', { name: 'Mute posts' });
    await mute.waitFor();
    await axe(page, `muting, ${width}`);
    await mute.click();
    await dialog.getByRole('switch', { name: 'Mute activity as well' }).click();
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
    const { me, other, mine } = await two();
    await site.api('POST', `/v1/users/${other.id}/relationship`, { token: me.token, body: { action: 'restrict' } });
    const said = `From the restricted, ${width}`;
    const again = `Once more, ${width}`;
    await site.api('POST', `/v1/media/${mine.id}/comments`, { token: other.token, body: { text: said } });
    await site.api('POST', `/v1/media/${mine.id}/comments`, { token: other.token, body: { text: again } });
    const page = await person(browser, site, { width, height });
    await signIn(page, me.username);
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
    const { me } = await two();
    const page = await person(browser, site, { width, height });
    await signIn(page, me.username);
    await nav(page, 'Home').waitFor();
    await page.goto('/settings/words');
    await page.getByLabel('Word or phrase').fill('Dreadful, 讨厌');
    await page.getByRole('button', { name: 'Add' }).click();
    const chip = page.getByRole('button', { name: 'Remove “Dreadful”' });
    await chip.waitFor();
    await page.getByRole('button', { name: 'Remove “讨厌”' }).waitFor();
    await page.getByRole('switch', { name: 'Cover posts in my feed, too' }).click();
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
    await end(page);
  });

  test(`who may comment, ${width} wide`, async () => {
    const { me, other, mine } = await two();
    const page = await person(browser, site, { width, height });
    await signIn(page, me.username);
    await nav(page, 'Home').waitFor();
    await page.goto(`/p/${mine.shortcode}`);
    await page.getByRole('button', { name: 'More options' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    const nobody = page.getByRole('dialog').getByRole('radio', { name: 'Nobody', exact: true });
    await nobody.scrollIntoViewIfNeeded();
    await nobody.click();
    await axe(page, `editing who may comment, ${width}`);
    await shot(page, `edit-commenters-${width}`);
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const guest = await person(browser, site, { width, height });
    await signIn(guest, other.username);
    await nav(guest, 'Home').waitFor();
    await guest.goto(`/p/${mine.shortcode}`);
    await guest.getByText('Comments on this post are limited.').waitFor();
    assert.equal(await guest.locator('[data-comment-input]').count(), 0);
    await axe(guest, `a post without comments, ${width}`);
    await shot(guest, `post-limited-${width}`);
    await end(guest);
    await end(page);
  });
}
