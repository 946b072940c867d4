// One's own data: taking everything along, bringing an archive from elsewhere, and leaving; phone and desk, with axe.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test as plain } from 'node:test';
import { eventually, fixture, nav, password, signIn } from '../flows.mjs';
import { axe, chapters, end, launch, person, shot, Site } from '../lib.mjs';
import { unzip, zip } from '../zip.mjs';

let site, browser, photos, made = 0;
const test = chapters(plain, () => browser, { apart: true });

before(async () => {
  browser = await launch();
  site = await Site.create();
  await site.signUp('keeper'); // the first has the site
  photos = await Promise.all(['portrait.jpg', 'evening.png'].map((n) => readFile(fixture(n))));
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** Somebody on the settings' page of their data. */
async function owner(at, { locale } = {}) {
  const user = await site.signUp(`olga_${++made}`, 'Olga Owner');
  const page = await enter(user.username, at, locale);
  return { user, page };
}

async function enter(username, at, locale) {
  const page = await person(browser, site, { ...at, ...(locale ? { locale, dark: true } : {}) });
  if (locale) await page.addInitScript((l) => localStorage.setItem('tintype.locale', l), locale);
  const res = await page.request.post('/v1/session', { data: { login: username, password, cookie: true }, headers: { Origin: site.base } });
  assert.equal(res.status(), 200, await res.text());
  return page;
}

async function look(page, name, width) {
  await axe(page, `${name}, ${width}`);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wider <= 0, `${name} is ${wider} pixels wider than the screen`);
  await shot(page, `data-${name}-${width}`);
}

/** The part of the page under a heading. */
const part = (page, name) => page.getByRole('region', { name });

/** Chooses an archive for the import. */
async function bring(page, name, buffer) {
  await part(page, 'Bring your photos here').locator('input[type=file]').setInputFiles({ name, mimeType: 'application/zip', buffer });
}

const posts = async (user) => (await site.api('GET', `/v1/users/${user.id}/media/recent`, { token: user.token })).map((m) => m.caption?.text ?? '');

/** An Instagram download in today's layout: two posts, and one whose picture is no picture. */
const instagram = () =>
  zip({
    'your_instagram_activity/media/posts_1.json': Buffer.from(JSON.stringify([
      { media: [{ uri: 'media/posts/202105/a.jpg', creation_timestamp: 1500000000, title: Buffer.from('Größe').toString('latin1') }] },
      { media: [{ uri: 'media/posts/202105/b.png', creation_timestamp: 1500000200, title: 'The harbour' }] },
      { media: [{ uri: 'media/posts/202105/broken.jpg', creation_timestamp: 1500000500, title: 'What was lost' }] },
    ])),
    'media/posts/202105/a.jpg': photos[0],
    'media/posts/202105/b.png': photos[1],
    'media/posts/202105/broken.jpg': photos[0].subarray(0, 300),
  });

for (const at of [{ width: 390, height: 844 }, { width: 1280, height: 900 }]) {
  const { width } = at;

  test(`an archive of everything is made and downloaded, and brings all back elsewhere, ${width} wide`, async () => {
    const { user, page } = await owner(at);
    await site.publish(user.token, 'portrait.jpg', { caption: 'From the old house' });
    await site.publish(user.token, 'evening.png', { caption: 'The harbour, late' });
    await page.goto('/settings/data');
    const take = part(page, 'Take everything along');
    const begin = take.getByRole('button', { name: 'Make an archive' });
    await begin.waitFor();
    await look(page, 'start', width);
    await begin.click();
    await take.getByRole('progressbar').or(take.getByRole('link', { name: 'Download' })).first().waitFor();
    await shot(page, `data-export-running-${width}`);
    const link = take.getByRole('link', { name: 'Download' });
    await link.waitFor({ timeout: 60_000 });
    await look(page, 'export-ready', width);
    const coming = page.waitForEvent('download');
    await link.click();
    const download = await coming;
    assert.match(download.suggestedFilename(), /\.zip$/);
    const bytes = await readFile(await download.path());
    const inside = Object.values(unzip(bytes));
    for (const [n, original] of photos.entries()) assert.ok(inside.some((f) => f.equals(original)), `the zip has original ${n}, as it was uploaded`);

    const other = await owner(at);
    await other.page.goto('/settings/data');
    await bring(other.page, 'tintype.zip', bytes);
    const card = other.page.getByRole('article', { name: 'tintype.zip' });
    await card.getByRole('button', { name: 'Import', exact: true }).click({ timeout: 60_000 });
    await card.getByText(/^2 posts made/).waitFor({ timeout: 60_000 });
    await look(other.page, 'import-tintype', width);
    assert.deepEqual((await posts(other.user)).sort(), ['From the old house', 'The harbour, late']);

    await take.getByRole('button', { name: 'Delete the archive' }).click();
    await link.waitFor({ state: 'detached' });
    await end(page, other.page);
  });

  test(`an Instagram download becomes posts, says what failed, and can be undone, ${width} wide`, async () => {
    const { user, page } = await owner(at);
    await site.publish(user.token, 'portrait.jpg', { caption: 'Made here' });
    await page.goto('/settings/data');
    const file = instagram();
    await bring(page, 'instagram.zip', file);
    const card = page.getByRole('article', { name: 'instagram.zip' });
    const start = card.getByRole('button', { name: 'Import', exact: true });
    await start.waitFor({ timeout: 60_000 });
    await card.scrollIntoViewIfNeeded();
    await look(page, 'import-found', width);
    await start.click();
    await card.getByText(/^2 posts made/).waitFor({ timeout: 60_000 });
    await card.getByText('What became of each').click();
    const failed = card.getByRole('listitem').filter({ hasText: 'Failed' });
    await failed.waitFor();
    assert.match(await failed.innerText(), /Failed · .* · .{5,}/, 'the reason is told');
    await card.scrollIntoViewIfNeeded();
    await look(page, 'import-done', width);
    await card.getByLabel('Show').selectOption('done');
    await card.getByRole('link', { name: 'The harbour' }).waitFor();
    assert.deepEqual(await posts(user), ['Made here', 'The harbour', 'Größe']);

    const zh = await enter(user.username, at, 'zh-CN');
    await zh.goto('/settings/data');
    await zh.getByText('已导入 instagram.zip').waitFor();
    await zh.getByText('每一项的结果').click();
    await zh.getByText('已导入 instagram.zip').scrollIntoViewIfNeeded();
    await look(zh, 'import-done-zh', width);

    // The same again makes nothing twice.
    await bring(page, 'instagram.zip', file);
    await start.click({ timeout: 60_000 });
    await eventually(async () => assert.equal((await site.api('GET', '/v1/users/self/imports', { token: user.token })).filter((i) => i.state === 'done').length, 2), 'the second is done', 60_000);
    assert.equal((await posts(user)).length, 3);

    const first = card.filter({ hasText: '2 posts made' });
    await first.getByRole('button', { name: 'Delete all posts it made' }).click();
    await page.getByRole('dialog', { name: 'Delete all posts it made' }).getByRole('button', { name: 'Delete all posts it made' }).click();
    await page.getByText('The posts from instagram.zip are deleted').waitFor({ timeout: 60_000 });
    await look(page, 'import-undone', width);
    await eventually(async () => assert.deepEqual(await posts(user), ['Made here']), 'what was brought is gone', 20_000);
    await end(page, zh);
  });

  test(`an import under way says how far it is, waits when told to and goes on, ${width} wide`, async () => {
    const { user, page } = await owner(at);
    const many = 24;
    const list = Array.from({ length: many }, (_, n) => ({ media: [{ uri: `media/posts/202105/${n}.jpg`, creation_timestamp: 1500000000 + 1000 * n, title: `Day ${n}` }] }));
    const files = Object.fromEntries(list.map(({ media: [m] }) => [m.uri, photos[0]]));
    await page.goto('/settings/data');
    await bring(page, 'many.zip', zip({ 'your_instagram_activity/media/posts_1.json': Buffer.from(JSON.stringify(list)), ...files }));
    const card = page.getByRole('article', { name: 'many.zip' });
    await card.getByRole('button', { name: 'Import', exact: true }).click({ timeout: 60_000 });
    await card.getByRole('progressbar').waitFor();
    await card.getByRole('button', { name: 'Pause' }).click();
    const on = card.getByRole('button', { name: 'Go on' });
    await on.waitFor();
    await card.scrollIntoViewIfNeeded();
    await look(page, 'import-paused', width);
    await on.click();
    await card.getByText(new RegExp(`^${many} posts made`)).waitFor({ timeout: 90_000 });
    assert.equal((await site.api('GET', `/v1/users/${user.id}`, { token: user.token })).counts.media, many);
    await end(page);
  });

  test(`what is no archive is told so, ${width} wide`, async () => {
    const { page } = await owner(at);
    await page.goto('/settings/data');
    await bring(page, 'holiday.zip', photos[0]);
    const card = page.getByRole('article', { name: 'holiday.zip' });
    await card.getByText('holiday.zip could not be imported').waitFor({ timeout: 60_000 });
    await card.scrollIntoViewIfNeeded();
    await look(page, 'import-failed', width);
    await card.getByRole('button', { name: 'Remove this import' }).click();
    await page.getByRole('dialog', { name: 'Remove this import' }).getByRole('button', { name: 'Remove this import' }).click();
    await card.waitFor({ state: 'detached' });
    await end(page);
  });

  test(`leaving, and coming back by signing in, ${width} wide`, async () => {
    const { user, page } = await owner(at);
    const post = await site.publish(user.token, 'portrait.jpg', { caption: 'Still here' });
    await page.goto('/settings/data');
    await page.getByRole('button', { name: 'Delete my account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete my account' });
    await dialog.getByLabel('Current password').fill('not this one');
    await dialog.getByRole('button', { name: 'Delete my account' }).click();
    await dialog.getByRole('alert').first().waitFor();
    await look(page, 'leave-refused', width);
    await dialog.getByLabel('Current password').fill(password);
    await dialog.getByRole('button', { name: 'Delete my account' }).click();
    await page.waitForURL('**/sign-in');
    await page.getByText(/It will be deleted on/).waitFor();
    await look(page, 'left', width);
    const gone = () => fetch(`${site.base}/v1/media/${post.id}`).then((r) => r.status);
    await eventually(async () => assert.notEqual(await gone(), 200), 'the post is hidden', 20_000);
    await signIn(page, user.username);
    await nav(page, 'Home').waitFor();
    await eventually(async () => assert.equal(await gone(), 200), 'the post is back', 20_000);
    await page.goto(`/${user.username}`);
    await page.getByRole('heading', { name: user.username }).first().waitFor();
    await look(page, 'back', width);
    await end(page);
  });
}
