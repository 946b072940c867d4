// A developer's pages: registering an app, its keys, its calls, and what an admin allows it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Site, axe, chapters, launch, person, shot } from '../lib.mjs';

let site, browser, page, client, secret, token;
const chapter = chapters(test, () => browser);
const callback = 'https://wall.example/callback';

before(async () => {
  site = await Site.create();
  browser = await launch();
  page = await person(browser, site, { width: 390, height: 844 });
});

after(async () => {
  await browser?.close();
  await site?.close();
});

const call = (path) => fetch(`${site.base}${path}`);
const sign = (path, key) => {
  const url = new URL(path, site.base);
  const text = url.pathname.replace(/^\/v1/, '') + [...url.searchParams].sort().map(([k, v]) => `|${k}=${v}`).join('');
  return `${path}&sig=${createHmac('sha256', key).update(text).digest('hex')}`;
};

chapter('an app is registered in the settings', async () => {
  const made = await page.request.post('/v1/users', {
    data: { username: 'maker', password: 'correct horse battery', full_name: 'Maker', email: '', cookie: true }, headers: { Origin: site.base },
  });
  assert.equal(made.status(), 201);
  await page.goto('/settings/apps');
  await page.getByText('You have registered no app yet.').waitFor();
  await page.getByRole('button', { name: 'Register an app' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the app').fill('Wall of frames');
  await dialog.getByLabel('What it does').fill('Hangs the photos of an evening on a wall');
  await dialog.getByLabel('Redirect addresses').fill(callback);
  await axe(page, 'registering an app');
  await dialog.getByRole('button', { name: 'Register an app' }).click();
  client = await dialog.getByRole('textbox', { name: 'client_id' }).inputValue();
  secret = await dialog.getByRole('textbox', { name: 'client_secret' }).inputValue();
  assert.match(secret, /^[0-9a-f]{64}$/);
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('link', { name: 'Wall of frames' }).click();
  await page.getByRole('heading', { name: 'Wall of frames' }).waitFor();
  await page.getByText('No calls in this time.').waitFor();
  assert.equal(await page.getByRole('textbox', { name: 'client_secret' }).count(), 0, 'the secret is shown once');
});

chapter('an admin allows it the old way, and people are told', async () => {
  await page.goto('/settings/site');
  await page.getByRole('button', { name: 'Change what Wall of frames may do' }).click();
  await page.getByRole('switch', { name: 'Tokens in addresses' }).click();
  await page.getByLabel('Calls an hour').fill('20');
  await shot(page, 'developers-admin-phone');
  await axe(page, 'what an app may do');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('by maker · Tokens in addresses').waitFor();

  // With the slash and the display of the time; the app's own page is nowhere, so the redirect is caught.
  let back;
  await page.route('https://wall.example/**', (route) => route.fulfill({ body: 'thank you' }));
  page.on('framenavigated', (f) => { if (f.url().startsWith(callback)) back = f.url(); });
  await page.goto(`/oauth/authorize/?client_id=${client}&redirect_uri=${encodeURIComponent(callback)}&response_type=token&scope=likes+comments&display=touch`);
  await page.getByText('This app asks in an old way').waitFor();
  await axe(page, 'consent');
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL((u) => u.href.startsWith(callback));
  token = new URLSearchParams(new URL(back ?? page.url()).hash.slice(1)).get('access_token');
  assert.match(token ?? '', /^\d+\.[0-9a-f]{7}\.[0-9a-f]{64}$/);
});

chapter('its calls are counted, signed and shown', async () => {
  const self = `/v1/users/self?access_token=${token}`;
  for (let i = 0; i < 20; i++) assert.equal((await call(self)).status, 200);
  const refused = await call(self);
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.match((await refused.json()).error_message, /made 21 requests of the 20 allowed/);

  await page.goto('/settings/apps');
  await page.getByRole('link', { name: 'Wall of frames' }).click();
  await page.getByRole('img', { name: '20 calls, most in one hour: 20. 1 was refused by a limit.' }).waitFor();
  await page.getByText('Show as a table').click();
  await page.getByRole('cell', { name: '20', exact: true }).waitFor();
  await page.getByRole('switch', { name: 'Only signed requests' }).click();
  await page.getByText('Unsigned requests are refused from now on').waitFor();
  const other = `/v1/users/search?q=maker&client_id=${client}`;
  assert.equal((await call(other)).status, 403);
  assert.equal((await call(sign(other, secret))).status, 200);

  await page.getByRole('button', { name: 'Get a new secret' }).click();
  await axe(page, 'asking for a new secret');
  await page.getByRole('dialog').getByRole('button', { name: 'Get a new secret' }).click();
  const fresh = await page.getByRole('dialog').getByRole('textbox', { name: 'client_secret' }).inputValue();
  await page.getByRole('button', { name: 'Done' }).click();
  assert.notEqual(fresh, secret);
  assert.equal((await call(sign(other, secret))).status, 403, 'the old secret is good for nothing');
  assert.equal((await call(sign(other, fresh))).status, 200);
});

chapter('the page reads well on a phone, on a desk and in the dark', async () => {
  const id = page.url().split('/').at(-1);
  for (const [name, look] of Object.entries({ phone: { width: 390, height: 844 }, desk: { width: 1280, height: 900 }, dark: { width: 1280, height: 900, dark: true } })) {
    const view = await person(browser, site, look);
    await view.context().addCookies(await page.context().cookies());
    await view.goto(`/settings/apps/${id}`);
    await view.getByRole('img', { name: /calls/ }).waitFor();
    await axe(view, `the page of an app, ${name}`);
    assert.equal(await view.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name}: nothing sticks out`);
    await shot(view, `developers-app-${name}`);
    await view.getByRole('heading', { name: 'How to use it' }).scrollIntoViewIfNeeded();
    await shot(view, `developers-app-${name}-2`);
    await view.getByRole('link', { name: 'All apps' }).click();
    await view.getByRole('link', { name: 'Wall of frames' }).waitFor();
    await axe(view, `apps, ${name}`);
    await shot(view, `developers-apps-${name}`);
    assert.deepEqual(view.errors, []);
    await view.context().close();
  }
});

chapter('it is renamed, and deleted after a question', async () => {
  await page.getByLabel('Name of the app').fill('Wall');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Wall', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Delete this app' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('You have registered no app yet.').waitFor();
  assert.match((await (await call(`/v1/users/self?access_token=${token}`)).json()).meta.error_type, /OAuthAccessTokenException/);
  assert.deepEqual(page.errors, []);
});
