// Letters: an e-mail address that is confirmed and changed, a password that was forgotten. The letters are read out of the outbox.
import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { nav, password, signIn } from '../flows.mjs';
import { Site, axe, chapters, launch, person, shot } from '../lib.mjs';

let site, browser, page;
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

/** The link in the letter to an address that has a word in it; the letter is taken out of the outbox. */
async function linkFrom(to, way) {
  const outbox = path.join(site.dir, 'outbox');
  for (let i = 0; i < 200; i++) {
    for (const name of await readdir(outbox).catch(() => [])) {
      if (!name.endsWith('.eml')) continue;
      const text = (await readFile(path.join(outbox, name), 'utf8')).replaceAll('=\r\n', '').replaceAll('=3D', '=');
      const found = new RegExp(`${site.base}/${way}#token=[\\w-]{43}`).exec(text);
      if (text.includes(`To: <${to}>`) && found) {
        await rm(path.join(outbox, name));
        return found[0];
      }
    }
    await new Promise((r) => setTimeout(r, 50));
  }
  throw new Error(`no letter to ${to} with a link to ${way}`);
}

const section = () => page.getByRole('region', { name: 'Email' });

chapter('an address is confirmed', async () => {
  const made = await page.request.post('/v1/users', { data: { username: 'ada', password, full_name: 'Ada', email: 'ada@example.org', cookie: true }, headers: { Origin: site.base } });
  assert.equal(made.status(), 201);
  await page.goto('/settings/account');
  await section().getByText('Not confirmed yet').waitFor();
  await axe(page, 'an address that is not confirmed');
  await shot(page, 'email-waits-390');
  await page.goto(await linkFrom('ada@example.org', 'confirm-email'));
  const press = page.getByRole('button', { name: 'Confirm the address' });
  await press.waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the token stays in the address');
  await axe(page, 'the link');
  await shot(page, 'confirm-email-390');
  await press.click();
  await page.getByText('ada@example.org is confirmed.').waitFor();
  await page.getByRole('link', { name: 'Go on' }).click();
  await section().getByText('Confirmed ').waitFor();
});

chapter('another takes its place once it is confirmed', async () => {
  await section().getByRole('button', { name: 'Change the address' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('New email address').fill('new@example.org');
  await dialog.getByLabel('Current password').fill('not it at all');
  await dialog.getByRole('button', { name: 'Send the letter' }).click();
  await dialog.getByText('that is not your password').waitFor();
  await axe(page, 'the change of an address');
  await shot(page, 'email-change-390');
  await dialog.getByLabel('Current password').fill(password);
  await dialog.getByRole('button', { name: 'Send the letter' }).click();
  await section().getByText('new@example.org takes its place').waitFor();
  await axe(page, 'an address that is to come');
  await shot(page, 'email-pending-390');
  await page.goto(await linkFrom('new@example.org', 'confirm-email'));
  await page.getByRole('button', { name: 'Confirm the address' }).click();
  await page.getByText('new@example.org is confirmed.').waitFor();
});

chapter('and it is undone by the former address', async () => {
  await page.goto(await linkFrom('ada@example.org', 'undo-email'));
  await page.getByRole('button', { name: 'It was not me' }).waitFor();
  await axe(page, 'undoing');
  await shot(page, 'undo-email-390');
  await page.getByRole('button', { name: 'It was not me' }).click();
  await page.getByText('is the address of your account again').waitFor();
  const link = await linkFrom('ada@example.org', 'reset-password');
  await page.goto(link);
  await page.getByLabel('Password').fill('a whole new password');
  await axe(page, 'a new password');
  await shot(page, 'reset-password-390');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await page.getByText('Your new password is set').waitFor();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signIn(page, 'ada', 'a whole new password');
  await nav(page, 'Home').waitFor();
  await page.goto(link);
  await page.reload();
  assert.deepEqual(page.errors, []);
});

chapter('a forgotten password is set anew', async () => {
  const desk = await person(browser, site, { width: 1280, height: 900 });
  await desk.goto('/sign-in');
  await axe(desk, 'signing in');
  await shot(desk, 'sign-in-1280');
  await desk.getByRole('link', { name: 'Forgot your password?' }).click();
  await desk.getByLabel('Email').fill('nobody@example.org');
  await axe(desk, 'a forgotten password');
  await shot(desk, 'forgot-password-1280');
  await desk.getByRole('button', { name: 'Send the link' }).click();
  await desk.getByText('a letter is on its way').waitFor();
  await desk.goto('/forgot-password');
  await desk.getByLabel('Email').fill('ada@example.org');
  await desk.getByRole('button', { name: 'Send the link' }).click();
  await desk.getByText('a letter is on its way').waitFor();
  await axe(desk, 'the letter is on its way');
  await shot(desk, 'forgot-sent-1280');
  const link = await linkFrom('ada@example.org', 'reset-password');
  await desk.goto(link);
  await desk.getByLabel('Password').fill(password);
  await shot(desk, 'reset-password-1280');
  await desk.getByRole('button', { name: 'Set the password' }).click();
  await desk.getByText('Your new password is set').waitFor();
  await desk.goto('/');
  await desk.goto(link);
  await desk.getByLabel('Password').fill('yet another password');
  await desk.getByRole('button', { name: 'Set the password' }).click();
  await desk.getByText('this link is not good any more').waitFor();
  await axe(desk, 'a link that was used');
  await signIn(desk, 'ada');
  await nav(desk, 'Home').waitFor();
  assert.deepEqual(desk.errors, []);
});
