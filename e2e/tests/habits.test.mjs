// What people rely on without noticing: keys, ways in and out, signed-out reading, and what happens when things go wrong.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test as plain } from 'node:test';
import { acknowledged, allUploaded, choose, eventually, fixture, nav, password, pick, posts, signIn, signUp, strip } from '../flows.mjs';
import { chapters, launch, live, person, shot, Site } from '../lib.mjs';

let site, browser, page, token, shared;
const test = chapters(plain, () => browser);
before(async () => {
  const demo = ['--people', '12', '--posts', '20', '--pictures', '6', '--width', '480', '--password', password];
  browser = await launch();
  site = await Site.create([], { demo });
  token = (await site.api('POST', '/v1/session', { body: { login: 'mara.lind', password } })).access_token;
  shared = (await site.api('GET', '/v1/users/self/feed?count=50', { token })).find((m) => m.caption);
  page = await person(browser, site, { width: 1440, height: 900 });
  await signIn(page, 'mara.lind');
  await page.waitForURL('/');
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const focusedPost = () => page.evaluate(() => [...document.querySelectorAll('article[data-post]')].findIndex((a) => a.contains(document.activeElement)));

test('the feed by keys', async () => {
  await page.locator('article[data-post]').nth(3).waitFor();
  await page.keyboard.press('j');
  assert.equal(await focusedPost(), 0);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  assert.equal(await focusedPost(), 2);
  await page.keyboard.press('k');
  assert.equal(await focusedPost(), 1);
  const second = page.locator('article[data-post]').nth(1);
  const liked = await second.getByRole('button', { name: /^(Like|Unlike)$/ }).getAttribute('aria-pressed');
  await acknowledged(page, liked === 'true' ? 'DELETE' : 'POST', /likes$/, () => page.keyboard.press('l'));
  assert.notEqual(await second.getByRole('button', { name: /^(Like|Unlike)$/ }).getAttribute('aria-pressed'), liked);
  await page.keyboard.press('c');
  assert.equal(await focusedPost(), 1);
  await page.keyboard.type('jkl? typed, not obeyed');
  assert.equal(await second.getByRole('textbox').inputValue(), 'jkl? typed, not obeyed');
  await second.getByRole('textbox').fill('');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/p\//);
});

test('everything in the composer is reached by Tab', async () => {
  await nav(page, 'New post').click();
  await choose(page, ['portrait.jpg', 'evening.png'].map(fixture));
  await allUploaded(page, 2);
  for (const [tool, wanted] of Object.entries({
    Filters: [/^Normal/, /^Use this look|^Next$/],
    Crop: [/^Original/, /^Rotate$/, /^Flip$/, /^Straighten/, /^Move the crop/, /^Top left corner$/, /^Bottom right corner$/],
    Adjust: [/^Brightness/, /^Contrast/, /^Warmth/, /^Saturation/, /^Vignette/],
    Focus: [/^Off/],
  })) {
    await page.getByRole('tab', { name: tool }).click();
    const seen = await walk();
    for (const name of [...wanted, /^Close the new post$/, /^Next$/, /^Photo 1 of 2/, /^Add photos$/, /^Move this photo later$/, /^Remove portrait.jpg$/, new RegExp(`^${tool}$`)]) {
      assert.ok(seen.some((s) => name.test(s)), `${tool}: Tab reaches ${name} in\n${seen.join('\n')}`);
    }
  }
  await page.getByRole('button', { name: 'Next' }).press('Enter');
  await page.getByLabel('Caption').waitFor();
  const seen = await walk();
  for (const name of [/^Back to the photos$/, /^Share$/, /^Caption/, /^Place/, /^Use where it was taken$/, /^Description of photo 1/, /^Description of photo 2/]) {
    assert.ok(seen.some((s) => name.test(s)), `details: Tab reaches ${name} in\n${seen.join('\n')}`);
  }
  await nav(page, 'Home').click();
  await page.getByRole('dialog', { name: 'Leave this post?' }).getByRole('button', { name: 'Keep as a draft' }).click();
  await page.waitForURL('/');
  await nav(page, 'New post').click();
  await page.getByText('1 / 2').waitFor(); // it was kept
  await nav(page, 'Home').click();
  await page.getByRole('button', { name: 'Discard' }).click();
});

/** The names of all that Tab stops at, from the top of the page round to its end. */
async function walk() {
  await page.evaluate(() => {
    document.activeElement?.blur();
    getSelection().removeAllRanges();
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  const seen = [];
  for (let i = 0; i < 90; i++) {
    await page.keyboard.press('Tab');
    const name = await page.evaluate(() => {
      const e = document.activeElement;
      if (!e || e === document.body) return null;
      return (e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent).trim();
    });
    if (name === null) break;
    seen.push(name);
  }
  return seen;
}

test('a shared link is read by anybody, with and without JavaScript', async () => {
  const code = shared.link.split('/p/')[1];
  const out = await person(browser, site);
  await out.goto(`/p/${code}`);
  await out.getByText(shared.caption.text.slice(0, 20)).first().waitFor();
  await out.getByRole('link', { name: 'Sign in', exact: true }).waitFor();
  await out.goto('/p/nothinghere');
  await out.getByRole('heading', { name: 'Nothing here' }).waitFor();
  assert.equal((await out.goto('/no-such-person-here')).status(), 404);
  assert.deepEqual(out.errors, []);
  await out.context().close();

  const context = await browser.newContext({ baseURL: site.base, javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
  const bare = await context.newPage();
  assert.equal((await bare.goto(`/p/${code}`)).status(), 200);
  const og = (name) => bare.locator(`meta[property="og:${name}"]`).first().getAttribute('content');
  assert.ok((await og('title')).includes(shared.user.full_name || shared.user.username));
  assert.ok((await og('url')).endsWith(`/p/${code}`));
  assert.equal((await fetch(await og('image'))).headers.get('content-type'), 'image/jpeg');
  const text = bare.locator('noscript');
  assert.ok((await text.textContent()).includes(shared.caption.text.slice(0, 20)), 'the caption without JavaScript');
  await shot(bare, 'habits-no-javascript');
  assert.equal((await bare.goto('/p/nothinghere')).status(), 404);
  await context.close();
});

test('the app can be installed', async () => {
  const manifest = await (await fetch(`${site.base}/manifest.webmanifest`)).json();
  assert.equal(manifest.display, 'standalone');
  for (const { src, type } of [...manifest.icons, { src: '/icons/icon-180.png', type: 'image/png' }]) {
    const icon = await fetch(site.base + src);
    assert.equal(icon.status, 200, src);
    assert.ok(icon.headers.get('content-type').startsWith(type), src);
  }
  const line = await page.context().newCDPSession(page);
  const { installabilityErrors } = await line.send('Page.getInstallabilityErrors');
  // A browser context of a test is always a private one.
  assert.deepEqual(installabilityErrors.map((e) => e.errorId).filter((id) => id !== 'in-incognito'), []);
});

test('a change of the password ends the other sessions', async () => {
  const other = await person(browser, site);
  await signIn(other, 'mara.lind');
  await other.waitForURL('/');
  await page.goto('/settings/account');
  await page.getByLabel('Current password').fill('not this one');
  await page.getByLabel('New password').fill('battery staple correct');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.locator('[aria-invalid="true"]').waitFor();
  await page.getByLabel('Current password').fill(password);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('Password changed').waitFor();
  await other.getByRole('button', { name: 'Sign in' }).waitFor(); // by itself
  await signIn(other, 'mara.lind');
  await other.getByRole('alert').or(other.locator('[aria-invalid="true"]')).first().waitFor();
  await signIn(other, 'mara.lind', 'battery staple correct');
  await other.waitForURL('/');

  await live(other);
  await page.goto('/settings/sessions');
  await page.getByText('This device').waitFor();
  await eventually(async () => assert.ok((await page.getByRole('button', { name: /^Sign out / }).count()) >= 2), 'the other session is listed');
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.waitForURL(/sign-in/);
  await other.waitForURL(/sign-in/);
  await other.context().close();
});

test('an invite lets one person in', async () => {
  await signIn(page, 'mara.lind', 'battery staple correct');
  await page.waitForURL('/');
  await page.goto('/settings/site');
  await pick(page, /People with an invite/);
  await acknowledged(page, 'PATCH', /admin\/site$/, () => page.getByRole('button', { name: 'Save', exact: true }).click());
  const made = await acknowledged(page, 'POST', /admin\/invites$/, () => page.getByRole('button', { name: 'Create an invite' }).click());
  const { code } = (await made.json()).data;
  await page.getByRole('button', { name: `Copy link of invite ${code}` }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.endsWith(`/sign-up?invite=${code}`), link);

  const guest = await person(browser, site);
  await guest.goto('/sign-up');
  await guest.getByLabel('Invite code').waitFor();
  await guest.goto(link);
  assert.equal(await guest.getByLabel('Invite code').inputValue(), code);
  await signUp(guest, { name: 'Ida Guest', username: 'ida' });
  const second = await person(browser, site);
  await second.goto(link);
  await second.getByLabel('Name', { exact: true }).fill('Too Late');
  await second.getByLabel('Email').fill('late@example.org');
  await second.getByLabel('Username').fill('late');
  await second.getByLabel('Password').fill(password);
  await second.getByRole('button', { name: 'Join' }).click();
  await second.locator('[aria-invalid="true"]').or(second.getByRole('alert')).first().waitFor();
  await shot(second, 'habits-invite-used');
  await page.reload();
  await page.getByText('Used by ida').waitFor();
  await guest.context().close();
  await second.context().close();
});

test('a Chinese browser stays Chinese through signing up', async () => {
  await acknowledged(page, 'PATCH', /admin\/site$/, async () => {
    await pick(page, /Everybody/);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
  });
  const li = await person(browser, site, { locale: 'zh-CN' });
  await li.goto('/sign-up');
  await li.getByLabel('姓名').or(li.getByLabel('名字')).or(li.getByLabel('名称')).first().fill('李白');
  await li.locator('input[name=email]').fill('li@example.org');
  await li.locator('input[name=username]').fill('libai');
  await li.locator('input[name=password]').fill(password);
  await li.locator('button[type=submit]').click();
  await li.waitForURL('/');
  await li.locator('nav').getByText('首页').waitFor({ state: 'attached' });
  assert.equal(await li.evaluate(() => document.documentElement.lang), 'zh-CN');
  await li.reload();
  await li.locator('nav').getByText('首页').waitFor({ state: 'attached' });
  await li.context().close();
});

test('offline, the page says so', async () => {
  await page.goto('/');
  await posts(page, shared.user.username).first().waitFor();
  await page.context().setOffline(true);
  await page.getByText('You are offline. What you see may be old.').waitFor();
  await shot(page, 'habits-offline');
  // Even loaded anew the app is there, and says what is the matter; of photos and answers nothing was kept.
  await page.context().setOffline(false);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await posts(page, shared.user.username).first().waitFor();
  await page.context().setOffline(true);
  await page.reload();
  await page.getByText('The site cannot be reached. Check your connection and try again.').waitFor();
  await shot(page, 'habits-offline-reloaded');
  const kept = await page.evaluate(async () => (await Promise.all((await caches.keys()).map(async (n) => (await (await caches.open(n)).keys()).map((r) => new URL(r.url).pathname)))).flat());
  for (const name of kept) assert.match(name, /^\/(assets\/.*|theme\.js)?$/);
  await page.context().setOffline(false);
  await page.reload();
  await posts(page, shared.user.username).first().waitFor();
  await page.getByText('You are offline. What you see may be old.').waitFor({ state: 'detached' });
});

test('an upload outlives the server', async () => {
  await nav(page, 'New post').click();
  const line = await page.context().newCDPSession(page);
  const speed = (bytes) => line.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes });
  await speed(20_000); // 134 kB take some seconds
  await choose(page, fixture('portrait.jpg'));
  await page.locator('ol button[aria-label*="Uploading"]').waitFor({ state: 'attached' });
  await site.kill();
  await page.getByText('The connection was lost. Trying again by itself.').waitFor();
  await shot(page, 'habits-retrying');
  await speed(-1);
  await site.start();
  await allUploaded(page, 1);
});

test('what is no photo, or a broken one, is refused with the reason', async () => {
  const whole = await readFile(fixture('portrait.jpg'));
  const notes = Buffer.from('shopping list: fixer, paper, tea');
  const again = (await site.api('POST', '/v1/session', { body: { login: 'mara.lind', password: 'battery staple correct' } })).access_token;
  const answer = await (await fetch(`${site.base}/v1/uploads`, { method: 'POST', headers: { Authorization: `Bearer ${again}` }, body: notes })).json();
  assert.equal(answer.meta.code, 415);
  await page.locator('input[type=file]').setInputFiles([
    { name: 'cut.jpg', mimeType: 'image/jpeg', buffer: whole.subarray(0, whole.length / 2) },
    { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: notes },
    { name: 'clip.mp4', mimeType: 'video/mp4', buffer: Buffer.from('....ftypmp42') },
  ]);
  await eventually(async () => assert.equal(await strip(page).count(), 4), 'four photos in the strip');
  await strip(page).nth(2).click();
  await page.getByRole('alert').getByText(answer.meta.error_message).waitFor();
  await shot(page, 'habits-refused');
  await strip(page).nth(3).click();
  await page.getByText('This is not a photo.').waitFor();
  await page.getByRole('button', { name: 'Next' }).click();
  assert.ok(await page.getByRole('button', { name: 'Share' }).isDisabled());
  for (const name of ['notes.jpg', 'clip.mp4']) await page.getByRole('alert').filter({ hasText: name }).getByRole('button', { name: 'Remove' }).click();

  // The header of the other is in order: what is missing shows when it is printed.
  await allUploadedInDetails(page);
  const refused = page.waitForResponse((r) => r.request().method() === 'POST' && new URL(r.url()).pathname === '/v1/media');
  await page.getByRole('button', { name: 'Share' }).click();
  const { meta } = await (await refused).json();
  assert.equal(meta.code, 422);
  await page.getByRole('alert').getByText(meta.error_message).waitFor();
  await page.getByText('Nothing of your post is lost.').waitFor();
  await shot(page, 'habits-broken');
  assert.deepEqual(page.errors, []);
});

const allUploadedInDetails = (p) => p.waitForFunction(() => !document.querySelector('[role="progressbar"]'));
