// Saving posts and sorting them, albums in an order of one's own, and secret links: phone and desk, with axe.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { acknowledged, nav, password, signIn } from '../flows.mjs';
import { axe, chapters, launch, person, shot, Site } from '../lib.mjs';

const me = 'mara.lind';

let site, browser;
const test = chapters(plain, () => browser, { apart: true });
before(async () => {
  browser = await launch();
  site = await Site.create([], { demo: ['--people', '6', '--posts', '40', '--pictures', '8', '--width', '640', '--password', password] });
  const token = (await site.api('POST', '/v1/session', { body: { login: me, password } })).access_token;
  const mine = await site.api('GET', '/v1/users/self/media/recent', { token });
  assert.ok(mine.length >= 2, 'there are posts for an album');
});
after(async () => {
  await browser?.close();
  await site?.close();
});

for (const [width, height] of [[390, 844], [1280, 900]]) {
  test(`saving and sorting, ${width} wide`, async () => {
    const page = await person(browser, site, { width, height });
    await signIn(page, me);
    await nav(page, 'Home').waitFor();
    const card = page.locator('article[data-post]').first();
    await card.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Add to collections' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('New collection').fill(`Harbour ${width}`);
    await dialog.getByRole('button', { name: 'Create' }).click();
    const box = dialog.getByRole('checkbox', { name: `Harbour ${width}` });
    await box.waitFor();
    await page.waitForFunction((b) => b.checked, await box.elementHandle());
    await axe(page, `picking collections, ${width}`);
    await shot(page, `collect-pick-${width}`);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.goto('/saved');
    await page.getByRole('link', { name: new RegExp(`Harbour ${width}`) }).waitFor();
    await page.waitForLoadState('networkidle');
    await axe(page, `saved, ${width}`);
    await shot(page, `collect-saved-${width}`);
    await page.getByRole('link', { name: new RegExp(`Harbour ${width}`) }).click();
    await page.getByRole('region', { name: `Harbour ${width}` }).getByRole('listitem').first().waitFor();
    await axe(page, `a collection, ${width}`);
    await shot(page, `collect-one-${width}`);
    // Saved no longer, and that undone, the collection included.
    await page.goto('/');
    await card.getByRole('button', { name: 'Remove from saved' }).click();
    await acknowledged(page, 'PUT', /\/v1\/collections\//, () => page.getByRole('button', { name: 'Undo' }).click());
    await card.getByRole('button', { name: 'Remove from saved' }).waitFor();
    // By the keyboard.
    await page.locator('main').focus();
    await acknowledged(page, 'DELETE', /\/saved$/, () => page.keyboard.press('s'));
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test(`an album, and a secret link to it, ${width} wide`, async () => {
    const page = await person(browser, site, { width, height });
    await signIn(page, me);
    await nav(page, 'Home').waitFor();
    await page.goto(`/${me}/albums`);
    await page.getByRole('button', { name: 'New album' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Title').fill(`By the sea ${width}`);
    const own = dialog.locator('.own-posts button');
    await own.nth(0).click();
    await own.nth(1).click();
    const chosen = dialog.getByRole('list', { name: 'Posts in their order' }).getByRole('button');
    const names = () => chosen.evaluateAll((all) => all.map((b) => b.querySelector('img').src.split('?')[0]));
    const before = await names();
    await chosen.nth(1).press('Alt+ArrowLeft');
    await page.waitForFunction(() => document.querySelector('.chosen [aria-current]') === document.querySelectorAll('.chosen button')[0]);
    assert.deepEqual(await names(), [...before].reverse());
    await axe(page, `the editor of an album, ${width}`);
    await shot(page, `album-editor-${width}`);
    await acknowledged(page, 'POST', /\/v1\/albums$/, () => dialog.getByRole('button', { name: 'Save' }).click());
    await page.getByRole('link', { name: new RegExp(`By the sea ${width}`) }).waitFor();
    await page.waitForLoadState('networkidle');
    await axe(page, `albums, ${width}`);
    await shot(page, `albums-${width}`);
    await page.getByRole('link', { name: new RegExp(`By the sea ${width}`) }).click();
    await page.getByRole('button', { name: 'Album options' }).click();
    await page.getByRole('button', { name: 'Secret link' }).click();
    await axe(page, `making a secret link, ${width}`);
    await shot(page, `secret-link-${width}`);
    const made = await acknowledged(page, 'POST', /\/v1\/secret-links$/, () => page.getByRole('button', { name: 'Create and copy' }).click());
    const link = (await made.json()).data.url;
    await page.getByRole('link', { name: 'All my secret links' }).click();
    await page.getByRole('button', { name: `Revoke the link to By the sea ${width}` }).waitFor();
    await page.waitForLoadState('networkidle');
    await axe(page, `secret links, ${width}`);
    await shot(page, `secret-links-${width}`);

    // Somebody without an account.
    const guest = await person(browser, site, { width, height });
    await guest.goto(link);
    await guest.getByRole('heading', { name: `By the sea ${width}` }).waitFor();
    assert.equal(await guest.getByRole('article').count(), 2);
    await guest.waitForFunction(() => [...document.images].some((i) => i.currentSrc.includes('/m/') && i.naturalWidth > 0));
    assert.equal(await guest.locator(`main a[href*="${me}"]`).count(), 0, 'nothing leads to the owner');
    await axe(guest, `what a secret link shows, ${width}`);
    await shot(guest, `shared-${width}`);

    await page.getByRole('button', { name: `Revoke the link to By the sea ${width}` }).click();
    await acknowledged(page, 'DELETE', /\/v1\/secret-links\//, () => page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click());
    await guest.reload();
    await guest.getByRole('heading', { name: 'This link shows nothing' }).waitFor();
    await axe(guest, `a link that shows nothing, ${width}`);
    assert.deepEqual([...page.errors, ...guest.errors], []);
    await guest.context().close();
    await page.context().close();
  });
}
