// Signing in by an account elsewhere, against a small OpenID provider: joining, signing in, connecting, the second factor, and what goes wrong.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { nav, password, signIn } from '../flows.mjs';
import { Site, axe, chapters, launch, person, shot } from '../lib.mjs';
import { provider } from '../provider.mjs';

let site, browser, page, wide, elsewhere, dir;
const chapter = chapters(test, () => browser);

before(async () => {
  elsewhere = await provider();
  dir = await mkdtemp(path.join(tmpdir(), 'tintype-oidc-'));
  site = await Site.create(async (base) => {
    const config = path.join(dir, 'tintype.toml');
    await writeFile(config, `public_url = "${base}"

[[oidc]]
id = "work"
name = "${elsewhere.name}"
issuer = "${elsewhere.issuer}"
client_id = "${elsewhere.clientId}"
client_secret = "${elsewhere.secret}"
join = true
trust_email = true
`);
    return ['--config', config];
  });
  await site.signUp('ada', 'Ada');
  browser = await launch();
  page = await person(browser, site, { width: 390, height: 844 });
  wide = await person(browser, site, { width: 1280, height: 900 });
});

after(async () => {
  await browser?.close();
  await site?.close();
  elsewhere?.close();
  if (dir) await rm(dir, { recursive: true, force: true });
});

const out = (p) => p.request.delete('/v1/session', { headers: { Origin: site.base } });
const section = (p) => p.getByRole('region', { name: 'Accounts elsewhere' });

/** Goes from the sign-in page to the provider. */
async function leave(p) {
  await p.goto('/sign-in');
  await p.getByRole('button', { name: 'Continue with Example Ltd' }).click();
  await p.getByRole('heading', { name: 'Example Ltd' }).waitFor();
}

const allow = (p) => p.getByRole('link', { name: 'Allow' }).click();

chapter('whoever refuses, or comes back another way, is told so politely', async () => {
  for (const p of [page, wide]) {
    await p.goto('/sign-in?next=%2Fexplore');
    await p.getByRole('button', { name: 'Continue with Example Ltd' }).waitFor();
    await axe(p, 'signing in');
    await shot(p, `oidc-sign-in-${p.viewportSize().width}`);
  }
  await leave(page);
  await page.getByRole('link', { name: 'Refuse' }).click();
  await page.getByText('You did not allow it').waitFor();
  assert.equal(new URL(page.url()).search, '', 'what the provider said stays in the address');
  await axe(page, 'refused');
  await shot(page, 'oidc-refused-390');
  await page.getByRole('button', { name: '简体中文' }).click();
  await page.getByText('您没有同意授权').waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('link', { name: 'Back to signing in' }).click();
  await page.getByLabel('Username or email').waitFor();
  await page.goto(`/sign-in/back?code=x&state=${'x'.repeat(22)}`);
  await page.getByText('Please begin again').waitFor();
});

chapter('a stranger joins', async () => {
  elsewhere.person = { sub: 'cyd-1', email: 'cyd@example.org', email_verified: true, preferred_username: 'Cyd C', name: 'Cyd Clark' };
  await leave(page);
  await allow(page);
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  assert.equal(await page.getByLabel('Username').inputValue(), 'cyd_c');
  await page.getByText('Confirmed by Example Ltd').waitFor();
  await axe(page, 'joining');
  await shot(page, 'oidc-join-390');
  await page.getByLabel('Username').fill('ada');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('That username is taken').waitFor();
  await page.getByLabel('Username').fill('cyd');
  await page.getByRole('button', { name: 'Join' }).click();
  await nav(page, 'Home').waitFor();
});

chapter('the one who joined has no password, and sets one', async () => {
  await page.goto('/settings/account');
  await section(page).getByText('Example Ltd', { exact: true }).waitFor();
  await section(page).getByText('You have no password here yet').waitFor();
  await section(page).scrollIntoViewIfNeeded();
  await axe(page, 'settings without a password');
  await shot(page, 'oidc-no-password-390');
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Set a password' }).click();
  await section(page).getByRole('button', { name: 'Disconnect Example Ltd' }).waitFor();
  await page.getByRole('button', { name: 'Change password' }).waitFor();
});

chapter('and is known again, and goes on to where they were going', async () => {
  await out(page);
  await page.goto('/sign-in?next=%2Fexplore');
  await page.getByRole('button', { name: 'Continue with Example Ltd' }).click();
  await allow(page);
  await page.waitForURL('**/explore');
  await nav(page, 'Home').waitFor();
});

chapter('a member connects, and disconnects', async () => {
  elsewhere.person = { sub: 'ada-1', email: 'ada@work.example' };
  await signIn(wide, 'ada');
  await nav(wide, 'Home').waitFor();
  await wide.goto('/settings/account');
  await section(wide).getByRole('button', { name: 'Connect Example Ltd' }).click();
  const dialog = wide.getByRole('dialog');
  await dialog.getByLabel('Current password').fill('not it at all');
  await axe(wide, 'connecting');
  await shot(wide, 'oidc-connect-1280');
  await dialog.getByRole('button', { name: 'Connect Example Ltd' }).click();
  await dialog.getByText('That is not your password').waitFor();
  await dialog.getByLabel('Current password').fill(password);
  await dialog.getByRole('button', { name: 'Connect Example Ltd' }).click();
  await allow(wide);
  await section(wide).getByText('ada@work.example').waitFor();
  await section(wide).scrollIntoViewIfNeeded();
  await axe(wide, 'connected');
  await shot(wide, 'oidc-connected-1280');
  await section(wide).getByRole('button', { name: 'Disconnect Example Ltd' }).click();
  await dialog.getByLabel('Current password').fill(password);
  await dialog.getByRole('button', { name: 'Disconnect' }).click();
  await section(wide).getByRole('button', { name: 'Connect Example Ltd' }).waitFor();
});

/** The code of an authenticator app now (RFC 6238). */
function totp(secret) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

chapter('the second factor is still asked for', async () => {
  elsewhere.person = { sub: 'cyd-1' };
  const post = async (route, data) => (await (await page.request.post(route, { data, headers: { Origin: site.base } })).json()).data;
  const { secret } = await post('/v1/users/self/two-factor', { password });
  const { recovery_codes: codes } = await post('/v1/users/self/two-factor/confirm', { code: totp(secret) });
  await out(page);
  await leave(page);
  await allow(page);
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  await page.getByLabel('Code').fill('000000');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('That code is not right').waitFor();
  await axe(page, 'the second factor');
  await shot(page, 'oidc-code-390');
  await page.getByLabel('Code').fill(codes[0]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await nav(page, 'Home').waitFor();
});

chapter('an address that is known here is no way in', async () => {
  elsewhere.person = { sub: 'eve-1', email: 'cyd@example.org', email_verified: true };
  await out(page);
  await leave(page);
  await allow(page);
  await page.getByText('There is an account with your e-mail address here').waitFor();
  await axe(page, 'known address');
  await shot(page, 'oidc-known-address-390');
  assert.deepEqual([...page.errors, ...wide.errors], []);
});
