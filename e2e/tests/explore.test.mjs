// What is popular and who is suggested: phone and desk, English and Chinese, signed in and out, with axe.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { nav, password, signIn } from '../flows.mjs';
import { axe, chapters, launch, person, shot, Site } from '../lib.mjs';

const me = 'mara.lind';

let site, empty, browser;
const test = chapters(plain, () => browser, { apart: true });
before(async () => {
  browser = await launch();
  site = await Site.create([], { demo: ['--people', '80', '--posts', '120', '--pictures', '30', '--width', '640', '--password', password] });
  empty = await Site.create();
});
after(async () => {
  await browser?.close();
  await site?.close();
  await empty?.close();
});

const wide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const squares = (page) => page.getByRole('region', { name: /^(Posts|帖子)$/ }).getByRole('listitem');

for (const [width, height] of [[390, 844], [1280, 900]]) {
  for (const [lang, popular, why] of [['en', 'Popular now', 'Why these?'], ['zh-CN', '当下热门', '为什么是这些？']]) {
    test(`explore, ${width} wide, ${lang}`, async () => {
      const page = await person(browser, site, { width, height });
      await signIn(page, me);
      await nav(page, 'Home').waitFor();
      await page.evaluate((l) => localStorage.setItem('tintype.locale', l), lang);
      await page.goto('/explore');
      await page.getByRole('heading', { name: popular }).waitFor();
      await squares(page).first().waitFor();
      await page.waitForLoadState('networkidle');
      await axe(page, `explore, ${width}, ${lang}`);
      await shot(page, `explore-${width}-${lang}`);
      assert.ok((await wide(page)) <= 0, 'nothing is wider than the screen');
      await page.getByText(why).click();
      await axe(page, `explore with the reasons, ${width}, ${lang}`);
      await shot(page, `explore-why-${width}-${lang}`);
      assert.deepEqual(page.errors, []);
      await page.context().close();
    });
  }
}

test('more come as one scrolls, each once, none of one\'s own, two of a person', async () => {
  const page = await person(browser, site, { width: 390, height: 844 });
  await signIn(page, me);
  await nav(page, 'Explore').click();
  await squares(page).nth(23).waitFor();
  for (let before = 0; before < (await squares(page).count()); ) {
    before = await squares(page).count();
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
    await page.waitForLoadState('networkidle');
  }
  const links = await squares(page).locator('a[href^="/p/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  assert.ok(links.length > 24, `${links.length} posts`);
  assert.equal(new Set(links).size, links.length);
  const of = {};
  for (const link of links) {
    const m = await site.api('GET', `/v1/media/shortcode/${link.split('/')[2]}`);
    of[m.user.username] = (of[m.user.username] ?? 0) + 1;
  }
  assert.equal(of[me], undefined);
  assert.ok(Math.max(...Object.values(of)) <= 2, JSON.stringify(of));
  await page.context().close();
});

test('somebody is followed, and somebody dismissed and taken back, with the keys', async () => {
  const page = await person(browser, site, { width: 1280, height: 900 });
  await signIn(page, me);
  await nav(page, 'Home').waitFor();
  await page.keyboard.press('e');
  await page.waitForURL('**/explore');
  const people = page.getByRole('region', { name: 'People to follow' }).getByRole('listitem');
  await people.first().waitFor();
  const all = await people.count();
  await people.first().getByText(/^(Followed by|Posts with|Popular here|New here)/).waitFor();
  const name = await people.first().getByRole('strong').innerText();
  await people.first().getByRole('button', { name: `Do not suggest ${name}` }).press('Enter');
  await page.getByText(`${name} is not suggested any more.`).waitFor();
  assert.equal(await people.count(), all - 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await people.first().getByText(name).first().waitFor();
  await people.first().getByRole('button', { name: /^Follow / }).click();
  await people.first().getByRole('button', { name: /^Following / }).waitFor();
  assert.deepEqual(page.errors, []);
  await page.context().close();
});

test('signed out there is no list of people, and an error can be tried again', async () => {
  const page = await person(browser, site, { width: 390, height: 844 });
  let fail = true;
  await page.route('**/v1/media/popular*', (route) =>
    fail ? route.fulfill({ status: 400, contentType: 'application/json', body: '{"meta":{"code":400,"error_type":"x","error_message":"no popular posts now"}}' }) : route.continue());
  await page.goto('/explore');
  await page.getByText('No popular posts now').waitFor();
  fail = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await squares(page).first().waitFor();
  await axe(page, 'explore, signed out');
  await shot(page, 'explore-out-390');
  assert.equal(await page.getByRole('heading', { name: 'People to follow' }).count(), 0);
  await page.context().close();
});

test('a new site says what comes here', async () => {
  const page = await person(browser, empty, { width: 390, height: 844 });
  await page.goto('/explore');
  await page.getByText('Nothing is popular yet').waitFor();
  await axe(page, 'explore, empty');
  await shot(page, 'explore-empty-390');
  await page.context().close();
});
