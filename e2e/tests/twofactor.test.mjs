// Signing in with two factors: switching it on, signing in with a code and with a recovery code, switching it off.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import { nav, password, signIn } from '../flows.mjs';
import { Site, axe, chapters, launch, person, shot } from '../lib.mjs';

let site, browser, page, secret, recovery;
const chapter = chapters(test, () => browser);

before(async () => {
  site = await Site.create();
  browser = await launch();
  page = await person(browser, site, { width: 390, height: 844 });
});

after(async () => {
  await browser?.close();
  await site?.close();
});

/** The code of a base32 secret at the time step that is ahead by so many (RFC 6238). */
function code(ahead = 0) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

chapter('it is switched on in the settings', async () => {
  const made = await page.request.post('/v1/users', { data: { username: 'ada', password, full_name: 'Ada', email: '', cookie: true }, headers: { Origin: site.base } });
  assert.equal(made.status(), 201);
  await page.goto('/settings/account');
  const section = page.getByRole('region', { name: 'Two-factor sign-in' });
  await section.getByRole('button', { name: 'Turn on' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Current password').fill('not it at all');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.getByText('that is not your password').waitFor();
  await dialog.getByLabel('Current password').fill(password);
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.getByRole('img', { name: 'QR code' }).waitFor();
  secret = await dialog.getByRole('textbox', { name: 'Key' }).inputValue();
  await axe(page, 'the QR code');
  await shot(page, 'two-factor-scan-390');
  await dialog.getByLabel('Code', { exact: true }).fill('12');
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await dialog.getByText('that is not the code').waitFor();
  await dialog.getByLabel('Code', { exact: true }).fill(code());
  await dialog.getByRole('button', { name: 'Turn on' }).click();
  await dialog.getByRole('listitem').first().waitFor();
  recovery = await dialog.getByRole('listitem').allTextContents();
  assert.equal(recovery.length, 10);
  await axe(page, 'the recovery codes');
  await shot(page, 'two-factor-codes-390');
  await dialog.getByRole('button', { name: 'I have kept them' }).click();
  await section.getByText('10 recovery codes are left.').waitFor();
  await axe(page, 'the settings');
  await shot(page, 'two-factor-on-390');
});

chapter('signing in asks for a code', async () => {
  const desk = await person(browser, site, { width: 1280, height: 900 });
  await signIn(desk, 'ada');
  const field = desk.getByLabel('Code', { exact: true });
  await field.waitFor();
  await desk.waitForFunction(() => document.activeElement?.getAttribute('name') === 'code');
  await axe(desk, 'the code');
  await shot(desk, 'two-factor-sign-in-1280');
  assert.deepEqual(await desk.context().cookies(), [], 'the password alone opens nothing');
  await field.fill('000 000');
  await desk.getByRole('button', { name: 'Sign in' }).click();
  await desk.getByText('that code is not right').waitFor();
  await field.fill(recovery[0].toUpperCase());
  await desk.getByRole('button', { name: 'Sign in' }).click();
  await nav(desk, 'Home').waitFor();
  assert.deepEqual(desk.errors, []);
});

chapter('and it is switched off with both', async () => {
  await page.reload();
  const section = page.getByRole('region', { name: 'Two-factor sign-in' });
  await section.getByText('9 recovery codes are left.').waitFor();
  await section.getByRole('button', { name: 'Turn off' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Current password').fill(password);
  await dialog.getByLabel('Code', { exact: true }).fill(recovery[0]);
  await dialog.getByRole('button', { name: 'Turn off' }).click();
  await dialog.getByText('was used before').waitFor();
  await axe(page, 'switching it off');
  await dialog.getByLabel('Code', { exact: true }).fill(recovery[1]);
  await dialog.getByRole('button', { name: 'Turn off' }).click();
  await section.getByRole('button', { name: 'Turn on' }).waitFor();
  assert.deepEqual(page.errors, []);
});
