// People in photos, and the activity page: tagging while composing and in an edit, by pointer and by keys; pins on the
// photo; saying yes, no and goodbye; You and Following; the settings. Phone and desk, with axe.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { allUploaded, choose, fixture, nav, password, share, signIn } from '../flows.mjs';
import { axe, chapters, launch, person, shot, Site } from '../lib.mjs';

const me = 'mara.lind';

let site, browser, mine, ben, cat, dan, tokens;
const test = chapters(plain, () => browser);
const until = async (what, is) => {
  for (let tries = 0; !(await is()); tries++) {
    assert.ok(tries < 200, what);
    await new Promise((r) => setTimeout(r, 50));
  }
};
const enter = async (login) => (await site.api('POST', '/v1/session', { body: { login, password } })).access_token;
const follow = (token, id) => site.api('POST', `/v1/users/${id}/relationship`, { token, body: { action: 'follow' } });

before(async () => {
  browser = await launch();
  site = await Site.create([], { demo: ['--people', '6', '--posts', '18', '--pictures', '8', '--width', '640', '--password', password] });
  mine = await enter(me);
  tokens = {};
  for (const name of ['ben_k', 'cat_k', 'dan_k']) {
    await site.api('POST', '/v1/users', { body: { username: name, full_name: `${name[0].toUpperCase()}${name.slice(1, 3)} King`, password, email: '' } });
    tokens[name] = await enter(name);
  }
  [ben, cat, dan] = await Promise.all(['ben_k', 'cat_k', 'dan_k'].map((n) => site.api('GET', '/v1/users/self', { token: tokens[n] })));
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const open = async (width, height, login = me) => {
  const page = await person(browser, site, { width, height });
  await signIn(page, login);
  await nav(page, 'Home').waitFor();
  return page;
};

test('settings: cat is asked before a tag of hers is shown', async () => {
  const page = await open(390, 844, 'cat_k');
  await page.goto('/settings/activity');
  const ask = page.getByRole('switch', { name: 'Ask me before a tag is shown' });
  await ask.click();
  await page.getByText('Saved').waitFor();
  await page.getByLabel('Likes').selectOption('following');
  await until('it is saved', async () => {
    const { body } = { body: await page.evaluate(() => fetch('/v1/users/self/choices').then((r) => r.json())) };
    return body.data.approve_tags && body.data.notify.likes === 'following';
  });
  await page.reload();
  await ask.waitFor();
  assert.ok(await ask.isChecked());
  await axe(page, 'the settings of activity');
  await shot(page, 'activity-settings-390');
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

let post;
for (const [width, height] of [[390, 844], [1280, 900]]) {
  test(`tagging while composing, ${width} wide`, async () => {
    const page = await open(width, height);
    await page.goto('/new');
    await choose(page, [fixture('portrait.jpg')]);
    await allUploaded(page, 1);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: /^Tag people/ }).click();
    const stage = page.getByRole('button', { name: /^The photo: press Enter/ });
    const box = await stage.boundingBox();
    await stage.click({ position: { x: box.width / 4, y: box.height / 4 } });
    const who = page.getByRole('combobox', { name: 'Who is this?' });
    await who.pressSequentially('ben');
    await page.getByRole('option', { name: /ben_k/ }).waitFor();
    await axe(page, `finding whom to tag, ${width}`);
    await shot(page, `tagging-find-${width}`);
    await page.getByRole('option', { name: /ben_k/ }).click();
    // The other by keys alone.
    await stage.press('Enter');
    await who.pressSequentially('cat');
    await page.getByRole('option', { name: /cat_k/ }).waitFor();
    await who.press('Enter');
    const pin = page.getByRole('button', { name: /^cat_k, 50% across, 50% down/ });
    await pin.press('Shift+ArrowRight');
    await page.getByRole('button', { name: /^cat_k, 60% across, 50% down/ }).press('ArrowDown');
    await page.getByRole('button', { name: /^cat_k, 60% across, 52% down/ }).waitFor();
    await page.getByText('2 people tagged').waitFor();
    await axe(page, `tagged, ${width}`);
    await shot(page, `tagging-${width}`);
    post = await share(page);
    assert.deepEqual(post.users_in_photo.map((p) => p.user.username), ['ben_k'], 'cat has not said yes');
    const { x, y } = post.users_in_photo[0].position;
    assert.ok(Math.abs(x - 0.25) < 0.01 && Math.abs(y - 0.25) < 0.01, `ben is at ${x}, ${y}`);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test(`names on the photo, ${width} wide`, async () => {
    const page = await open(width, height, 'ben_k');
    await page.goto(new URL(post.link).pathname);
    const toggle = page.getByRole('button', { name: '1 person is in this photo' });
    await toggle.waitFor();
    await toggle.press('Enter');
    const name = page.getByRole('list', { name: 'People in this photo' }).getByRole('link', { name: 'ben_k' });
    await name.waitFor();
    await axe(page, `names on the photo, ${width}`);
    await shot(page, `in-photo-${width}`);
    const picture = await page.locator('.picture').first().boundingBox();
    await page.mouse.click(picture.x + picture.width * 0.8, picture.y + picture.height * 0.8);
    await name.waitFor({ state: 'hidden' });
    await toggle.click();
    await page.getByRole('button', { name: 'Take me out' }).click();
    await toggle.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await toggle.waitFor();
    await page.goto('/ben_k/tagged');
    await page.getByRole('link', { name: 'Tagged' }).waitFor();
    await until('the post is with ben', async () => (await site.api('GET', `/v1/users/${ben.id}/media/tagged`)).some((m) => m.id === post.id));
    await page.reload();
    await page.locator(`a[href*="${post.shortcode}"]`).first().waitFor();
    await axe(page, `photos of ben, ${width}`);
    await shot(page, `tagged-${width}`);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test(`saying yes to a tag, ${width} wide`, async () => {
    const page = await open(width, height, 'cat_k');
    await until('cat is asked', async () => (await site.api('GET', '/v1/users/self/activity/grouped', { token: tokens.cat_k })).some((g) => g.kind === 'tag_request' && g.media[0].id === post.id));
    await page.goto('/activity');
    const row = page.getByRole('listitem').filter({ hasText: `${me} wants to tag you in a photo.` }).first();
    await row.waitFor();
    await axe(page, `a tag to answer, ${width}`);
    await shot(page, `tag-request-${width}`);
    await row.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('You are tagged in the photo.').waitFor();
    const shown = async () => (await site.api('GET', `/v1/media/${post.id}`)).users_in_photo.map((p) => p.user.username);
    assert.deepEqual(await shown(), ['ben_k', 'cat_k']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await until('it is undone', async () => (await shown()).length === 1);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test(`an edit moves a tag and takes one away, ${width} wide`, async () => {
    const page = await open(width, height);
    await page.goto(new URL(post.link).pathname);
    await page.getByRole('button', { name: 'More options' }).first().click();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit post' });
    await dialog.getByRole('button', { name: /^Tag people/ }).click();
    const pin = dialog.getByRole('button', { name: /^ben_k, 25% across/ });
    await pin.waitFor();
    const at = await pin.boundingBox();
    const stage = await dialog.getByRole('button', { name: /^The photo: press Enter/ }).boundingBox();
    await page.mouse.move(at.x + 10, at.y + 10);
    await page.mouse.down();
    await page.mouse.move(at.x + 10 + stage.width / 4, at.y + 10 + stage.height / 4, { steps: 5 });
    await page.mouse.up();
    await dialog.getByRole('button', { name: /^ben_k, 50% across, 50% down/ }).waitFor();
    await axe(page, `tagging in an edit, ${width}`);
    await shot(page, `tagging-edit-${width}`);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const now = await site.api('GET', `/v1/media/${post.id}`);
    assert.ok(Math.abs(now.users_in_photo[0].position.x - 0.5) < 0.01, `ben is at ${JSON.stringify(now.users_in_photo)}`);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });
}

test('what happened is grouped, and what followed people did is told', async () => {
  const everybody = Object.values(tokens);
  for (const token of everybody) {
    await site.api('POST', `/v1/media/${post.id}/likes`, { token });
    await follow(token, (await site.api('GET', '/v1/users/self', { token: mine })).id);
  }
  await site.api('POST', `/v1/media/${post.id}/comments`, { token: tokens.dan_k, body: { text: 'What a light!' } });
  // ben likes what is on the site, and follows dan.
  const popular = await site.api('GET', '/v1/media/popular?count=20', { token: tokens.ben_k });
  for (const m of popular.filter((m) => m.user.username !== me && m.user.username !== 'ben_k').slice(0, 4)) await site.api('POST', `/v1/media/${m.id}/likes`, { token: tokens.ben_k });
  await follow(tokens.ben_k, dan.id);
  await follow(mine, ben.id);
  await follow(mine, dan.id);
  await until('the likes came', async () => (await site.api('GET', '/v1/users/self/activity/grouped', { token: mine })).some((g) => g.kind === 'like' && g.media[0].id === post.id && g.user_count >= 3));
  await until('the follows came', async () => (await site.api('GET', '/v1/users/self/activity/following', { token: mine })).some((g) => g.kind === 'follow' && g.targets[0]?.username === 'dan_k'));
  for (const [width, height] of [[390, 844], [1280, 900]]) {
    const page = await open(width, height);
    await page.goto('/activity');
    await page.getByRole('listitem').filter({ hasText: /and 1 other liked your photo\./ }).first().waitFor();
    await page.getByRole('listitem').filter({ hasText: 'What a light!' }).first().waitFor();
    await axe(page, `activity, ${width}`);
    await shot(page, `activity-you-${width}`);
    await page.getByRole('link', { name: 'Following', exact: true }).click();
    await page.getByRole('listitem').filter({ hasText: /ben_k liked \d+ photos|ben_k liked a photo/ }).first().waitFor();
    await page.getByRole('listitem').filter({ hasText: 'ben_k follows' }).first().waitFor();
    await axe(page, `what others did, ${width}`);
    await shot(page, `activity-following-${width}`);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  }
  // Who does not show it is not told of.
  const quiet = await site.api('GET', '/v1/users/self', { token: tokens.ben_k });
  assert.equal(quiet.username, 'ben_k');
  const page = await open(390, 844, 'ben_k');
  await page.goto('/settings/activity');
  await page.getByRole('switch', { name: /^Tell my followers/ }).click();
  await page.getByText('Saved').waitFor();
  const told = await site.api('GET', '/v1/users/self/activity/following', { token: mine });
  assert.ok(!told.some((g) => g.users[0].username === 'ben_k'), 'ben hides what he does');
  await page.context().close();
  assert.ok(cat.id);
});
