// Passkeys, with the browser's own software authenticator: adding one, signing in by it alone and beside the password, removing it.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { nav, password, signIn } from '../flows.mjs';
import { Site, axe, chapters, launch, person, shot } from '../lib.mjs';

let site, browser, page;
const chapter = chapters(test, () => browser);

before(async () => {
  site = await Site.create();
  browser = await launch();
  page = await person(browser, site, { width: 390, height: 844 });
  // A device that holds passkeys and shows that its user touched it.
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
});

after(async () => {
  await browser?.close();
  await site?.close();
});

const section = () => page.getByRole('region', { name: 'Passkeys' });
const signOut = () => page.request.delete('/v1/session', { headers: { Origin: site.base } });

chapter('one is added in the settings', async () => {
  const made = await page.request.post('/v1/users', { data: { username: 'ada', password, full_name: 'Ada', email: '', cookie: true }, headers: { Origin: site.base } });
  assert.equal(made.status(), 201);
  await page.goto('/settings/account');
  await section().getByText('You have none yet.').waitFor();
  await section().getByRole('button', { name: 'Add a passkey' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the passkey').fill('My phone');
  await dialog.getByLabel('Current password').fill('not it at all');
  await axe(page, 'adding a passkey');
  await shot(page, 'passkey-add-390');
  await dialog.getByRole('button', { name: 'Add a passkey' }).click();
  await dialog.getByText('that is not your password').waitFor();
  await dialog.getByLabel('Current password').fill(password);
  await dialog.getByRole('button', { name: 'Add a passkey' }).click();
  await section().getByText('My phone').waitFor();
  await section().getByText('never used').waitFor();
  await section().scrollIntoViewIfNeeded();
  await axe(page, 'the passkeys');
  await shot(page, 'passkeys-390');
});

chapter('it signs in alone', async () => {
  await signOut();
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Use a passkey' }).waitFor();
  await axe(page, 'signing in');
  await shot(page, 'passkey-sign-in-390');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await nav(page, 'Home').waitFor();
  await page.goto('/settings/account');
  await section().getByText('last used').waitFor();
});

chapter('and beside the password, where a code is asked for', async () => {
  const post = async (path, data) => (await (await page.request.post(path, { data, headers: { Origin: site.base } })).json()).data;
  const { secret } = await post('/v1/users/self/two-factor', { password });
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))).update(counter).digest();
  const code = String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  const { recovery_codes } = await post('/v1/users/self/two-factor/confirm', { code });
  assert.equal(recovery_codes.length, 10);
  await signOut();
  await signIn(page, 'ada');
  await page.getByLabel('Code', { exact: true }).waitFor();
  await axe(page, 'the second factor');
  await shot(page, 'passkey-second-390');
  await page.getByRole('button', { name: 'Use a passkey instead' }).click();
  await nav(page, 'Home').waitFor();
});

chapter('it is renamed and removed', async () => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto('/settings/account');
  await section().getByRole('button', { name: 'Rename My phone' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name of the passkey').fill('Old phone');
  await dialog.getByRole('button', { name: 'Rename', exact: true }).click();
  await section().getByText('Old phone').waitFor();
  await section().scrollIntoViewIfNeeded();
  await axe(page, 'the passkeys on a desk');
  await shot(page, 'passkeys-1280');
  await section().getByRole('button', { name: 'Remove Old phone' }).click();
  await dialog.getByLabel('Current password').fill(password);
  await axe(page, 'removing a passkey');
  await shot(page, 'passkey-remove-1280');
  await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
  await section().getByText('You have none yet.').waitFor();
  await signOut();
  await page.goto('/sign-in');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByText('could not be verified').waitFor();
  await axe(page, 'a passkey that is gone');
  assert.deepEqual(page.errors, []);
});
