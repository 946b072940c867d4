// The search page: people, tags, places and photos by what is typed; phone and desk, English and Chinese, with axe.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { nav, password, signIn } from '../flows.mjs';
import { axe, chapters, launch, person, shot, Site } from '../lib.mjs';

const me = 'mara.lind';
const words = {
  en: { lang: 'en', box: 'Search people, tags, places and photos', mine: 'Only my photos', recent: 'Recent searches', clear: 'Clear all',
    undo: 'Undo', none: 'Nothing found', top: 'Top', photos: 'Photos', kinds: ['People', 'Tags', 'Places', 'Photos'] },
  zh: { lang: 'zh-CN', box: '搜索用户、标签、地点和照片', mine: '只看我的照片', recent: '最近搜索', clear: '全部清除',
    undo: '撤销', none: '没有找到', top: '综合', photos: '照片', kinds: ['用户', '标签', '地点', '照片'] },
};

let site, browser, mine, theirs;
const test = chapters(plain, () => browser, { apart: true });
before(async () => {
  browser = await launch();
  site = await Site.create([], { demo: ['--people', '12', '--posts', '24', '--pictures', '12', '--width', '640', '--password', password] });
  const token = async (login) => (await site.api('POST', '/v1/session', { body: { login, password } })).access_token;
  const list = async (t) => site.api('GET', '/v1/users/self/media/recent', { token: t });
  const caption = (t, m, text) => site.api('PATCH', `/v1/media/${m.id}`, { token: t, body: { caption: text } });
  const [as, other] = [await token(me), await token('juno')];
  [mine, theirs] = [await list(as), await list(other)];
  for (const [i, m] of mine.slice(0, 4).entries()) await caption(as, m, `Lindgren harbour at dusk, ${i} #lindharbour 港口日落`);
  await caption(other, theirs[0], 'The harbour again: 看日落');
  for (let tries = 0; (await site.api('GET', '/v1/search/media?q=harbour', { token: other })).length < 1; tries++) {
    assert.ok(tries < 200, 'the words came to their timelines');
    await new Promise((r) => setTimeout(r, 50));
  }
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const signedIn = async (width, height, w) => {
  const page = await person(browser, site, { width, height });
  await signIn(page, me);
  await nav(page, 'Home').waitFor();
  // The choice of this device; the account's own says English.
  await page.evaluate((l) => localStorage.setItem('tintype.locale', l), w.lang);
  await page.goto('/search');
  return page;
};
/** A post among what is found. */
const tile = (page, m) => page.getByRole('main').locator(`a[href="/p/${m.shortcode}"]`);
const leave = async (page) => {
  assert.deepEqual(page.errors, []);
  await page.context().close();
};
const fits = async (page, where) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${where} is wider than the screen`);

for (const [width, height] of [[390, 844], [1280, 900]]) {
  for (const [language, w] of Object.entries(words)) {
    test(`finding things, ${width} wide, ${language}`, async () => {
      const page = await signedIn(width, height, w);
      const box = page.getByRole('searchbox', { name: w.box });
      const main = page.getByRole('main');
      const tab = (name) => page.getByRole('link', { name, exact: true });
      const look = async (name) => {
        await page.waitForLoadState('networkidle');
        await fits(page, name);
        await axe(page, `${name}, ${width}, ${language}`);
        await shot(page, `search-${name}-${width}-${language}`);
      };
      await box.waitFor();
      await look('start');

      await box.pressSequentially('lind', { delay: 20 });
      await main.getByRole('link', { name: /mara\.lind/ }).waitFor();
      await main.getByRole('link', { name: /#lindharbour/ }).waitFor();
      await main.getByRole('heading', { name: w.kinds[2] }).waitFor();
      await page.waitForURL(/\/search\?q=lind$/);
      await look('top');

      await box.fill('harbour dusk');
      await tile(page, mine[0]).waitFor();
      assert.equal(await tile(page, theirs[0]).count(), 0, 'all words must be there');
      await box.fill('日落');
      await tile(page, theirs[0]).waitFor();
      await page.getByRole('button', { name: w.mine, pressed: false }).click();
      await page.waitForURL(/q=%E6%97%A5%E8%90%BD\+from%3Ame$/);
      await tile(page, theirs[0]).waitFor({ state: 'detached' });
      await tile(page, mine[0]).waitFor();
      await look('mine');
      await page.getByRole('button', { name: w.mine, pressed: true }).click();
      await tile(page, theirs[0]).waitFor();

      await tab(w.photos).click();
      await page.waitForURL(/tab=photos/);
      await tile(page, theirs[0]).waitFor();
      await look('photos');
      await box.fill('nothingofthesort');
      await main.getByText(w.none).waitFor();
      await look('none');

      // What is opened is kept, on this device; forgetting it can be undone.
      await box.fill('@juno');
      await tab(w.top).click();
      await main.getByRole('link', { name: /^juno/ }).click();
      await page.waitForURL('/juno');
      await page.goBack();
      assert.equal(await box.inputValue(), '@juno');
      await box.fill('');
      await main.getByRole('heading', { name: w.recent }).waitFor();
      await look('recent');
      await page.getByRole('button', { name: w.clear }).click();
      await main.getByRole('heading', { name: w.recent }).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: w.undo }).click();
      await main.getByRole('link', { name: '@juno', exact: true }).waitFor();
      await leave(page);
    });
  }
}

test('by keys alone', async () => {
  const page = await signedIn(1280, 900, words.en);
  await page.goto('/');
  await nav(page, 'Home').waitFor();
  await page.keyboard.press('/');
  const box = page.getByRole('searchbox');
  await box.waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute('type') === 'search');
  await page.keyboard.type('@juno');
  await page.getByRole('main').getByRole('link', { name: /^juno/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.waitForFunction(() => document.activeElement?.getAttribute('href') === '/juno');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.getAttribute('type') === 'search');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('/');
  await page.waitForFunction(() => document.activeElement?.getAttribute('type') === 'search');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL('/juno');
  await leave(page);
});

test('what fails is said, and asked again', async () => {
  const page = await signedIn(390, 844, words.en);
  let fail = true;
  await page.route('**/v1/search/media**', (route) => (fail ? route.fulfill({ status: 400, contentType: 'application/json', body: '{"meta":{"code":400,"error_type":"x","error_message":"the words are away"}}' }) : route.continue()));
  await page.getByRole('searchbox').fill('harbour');
  await page.getByText('The words are away').waitFor();
  await axe(page, 'a search that failed');
  await shot(page, 'search-failed-390');
  fail = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await tile(page, theirs[0]).waitFor();
  await leave(page);
});

test('the old address leads here', async () => {
  const page = await signedIn(1280, 900, words.en);
  await page.goto('/people');
  await page.waitForURL(/\/search$/);
  await page.getByRole('searchbox').waitFor();
  await leave(page);
});
