// What happens to a photo here, what is kept of a post, and that the browser is shown the smaller formats.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allUploaded, choose, fixture, password, share } from '../flows.mjs';
import { Site, axe, chapters, launch, person, shot } from '../lib.mjs';

let site, browser, page, wide, post;
const chapter = chapters(test, () => browser);

before(async () => {
  site = await Site.create();
  browser = await launch();
  page = await person(browser, site, { width: 390, height: 844 });
  wide = await person(browser, site, { width: 1280, height: 900, locale: 'zh-CN' });
});

after(async () => {
  await browser?.close();
  await site?.close();
});

chapter('anybody can read what happens to a photo, in both languages', async () => {
  for (const [p, lines] of [
    [page, ['The original is kept, unchanged', 'AVIF of quality 60', '320 × 320 pixels']],
    [wide, ['原图原样保留', 'AVIF（质量 60）']],
  ]) {
    await p.goto('/about/photos');
    for (const line of lines) await p.getByText(line).first().waitFor();
    await axe(p, 'the page on photos');
    await shot(p, p === page ? 'about-photos-390' : 'about-photos-1280-zh');
  }
});

chapter('the composer leads there', async () => {
  const made = await page.request.post('/v1/users', { data: { username: 'ada', password, full_name: 'Ada', email: '', cookie: true }, headers: { Origin: site.base } });
  assert.equal(made.status(), 201);
  await page.goto('/new');
  await page.getByRole('link', { name: 'What happens to a photo here' }).click();
  await page.getByRole('heading', { name: 'You send it' }).waitFor();
  await page.goto('/new');
  await choose(page, [fixture('portrait.jpg'), fixture('dunes.heic')]);
  await allUploaded(page, 2);
  await page.getByRole('button', { name: 'Next' }).click();
  post = await share(page);
});

chapter('the owner is told what is kept, and can download each original', async () => {
  // The other formats come by a job.
  for (let i = 0; ; i++) {
    const kept = await (await page.request.get(`/v1/media/${post.id}/files`)).json();
    if (kept.data.every((p) => p.renditions.some((r) => r.type === 'image/webp'))) break;
    assert.ok(i < 300, 'the formats do not come');
    await new Promise((r) => setTimeout(r, 100));
  }
  await page.goto(`/p/${post.shortcode}/`);
  await page.getByRole('button', { name: 'More options' }).first().click();
  await page.getByRole('button', { name: 'Originals and files' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/HEIC/).first().waitFor();
  await dialog.getByRole('columnheader', { name: 'AVIF' }).first().waitFor();
  await axe(page, 'what is kept of a post');
  await shot(page, 'post-files-390');
  const began = page.waitForEvent('download');
  await dialog.getByRole('link', { name: 'Download original' }).nth(1).click();
  const download = await began;
  assert.match(download.suggestedFilename(), /\.heic$/);
});

chapter('the browser is shown a smaller format at the same address', async () => {
  const answer = wide.waitForResponse((r) => /^\/m\/.*\.jpg$/.test(new URL(r.url()).pathname) && r.headers()['content-type'] === 'image/avif');
  await wide.goto(`/p/${post.shortcode}/`);
  assert.match((await answer).headers().vary, /Accept/);
});

chapter('people see what their files take, and the admin what the site takes', async () => {
  await page.goto('/settings/storage');
  await page.getByText(/^Your files take/).waitFor();
  await page.getByText('Originals of posts').waitFor();
  await axe(page, 'my storage');
  await shot(page, 'settings-storage-390');
  await page.getByRole('link', { name: 'Storage of the site' }).click();
  await page.getByText(/There is no limit/).waitFor();
  await axe(page, 'the storage of the site');
  await shot(page, 'admin-storage-390');
  const set = await page.request.patch('/v1/admin/knobs', { data: { set: { storage_gb: '1' } }, headers: { Origin: site.base } });
  assert.equal(set.status(), 200);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.reload();
  await page.getByText(/of 1 GB are used/).waitFor();
  await shot(page, 'admin-storage-1280');
  assert.deepEqual(page.errors, []);
});

chapter('a site that is full says so, and takes no photo', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  const { used, limit } = (await (await page.request.get('/v1/admin/storage')).json()).data;
  // What is announced counts as taken at once: an import so large that a photo finds no room beside it.
  const begun = await page.request.post('/v1/users/self/imports', { data: { name: 'large.zip', bytes: limit - used - 5000 }, headers: { Origin: site.base } });
  assert.equal(begun.status(), 201);
  await page.goto('/new');
  const refused = page.waitForResponse((r) => new URL(r.url()).pathname === '/v1/uploads');
  await choose(page, [fixture('portrait.jpg')]);
  assert.equal((await refused).status(), 507);
  await page.getByText(/has no room for more photos at the moment/).first().waitFor();
  await axe(page, 'the composer on a full site');
  await shot(page, 'compose-full-390');
  // Everything else goes on.
  const said = await page.request.post(`/v1/media/${post.id}/comments`, { data: { text: 'Still here' }, headers: { Origin: site.base } });
  assert.ok(said.ok(), await said.text());
  assert.deepEqual(page.errors, []);
});
