// The page of a place, and choosing one while posting: phone and desk, English and Chinese, with axe.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { allUploaded, choose, fixture, nav, password, share, signIn } from '../flows.mjs';
import { axe, chapters, launch, person, shot, Site } from '../lib.mjs';

const me = 'mara.lind';
const berlin = '2950159'; // of GeoNames

let site, browser;
const test = chapters(plain, () => browser, { apart: true });
before(async () => {
  browser = await launch();
  site = await Site.create([], { demo: ['--people', '6', '--posts', '12', '--pictures', '8', '--width', '640', '--password', password] });
  const token = (await site.api('POST', '/v1/session', { body: { login: me, password } })).access_token;
  const mine = await site.api('GET', '/v1/users/self/media/recent', { token });
  for (const [i, m] of mine.entries()) {
    await site.api('PATCH', `/v1/media/${m.id}`, { token, body: { location: { id: berlin, latitude: 52.52 + i / 1000, longitude: 13.4 } } });
  }
  for (let tries = 0; (await site.api('GET', `/v1/locations/${berlin}`)).media_count < mine.length; tries++) {
    assert.ok(tries < 200, 'the posts came to the page of their place');
    await new Promise((r) => setTimeout(r, 50));
  }
});
after(async () => {
  await browser?.close();
  await site?.close();
});

for (const [width, height] of [[390, 844], [1280, 900]]) {
  for (const [locale, lang, country, none] of [['en-US', 'en', 'Berlin, Germany', 'No posts from here yet'], ['zh-CN', 'zh-CN', 'Berlin，德国', '这里还没有帖子']]) {
    test(`the page of a place, ${width} wide, ${lang}`, async () => {
      const page = await person(browser, site, { width, height, locale });
      await page.addInitScript((l) => localStorage.setItem('tintype.locale', l), lang);
      await page.goto(`/places/${berlin}`);
      await page.getByRole('heading', { name: country }).waitFor();
      await page.getByRole('main').getByRole('listitem').first().waitFor();
      await page.waitForLoadState('networkidle');
      await axe(page, `a place, ${width}, ${lang}`);
      await shot(page, `place-${width}-${lang}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), 'nothing is wider than the screen');
      await page.goto('/places/2198148');
      await page.getByText(none).waitFor();
      await page.goto('/places/3');
      await page.getByText(lang === 'en' ? 'There is no such place here.' : '这里没有这个地点。').waitFor();
      assert.deepEqual(page.errors, []);
      await page.context().close();
    });
  }
}

for (const [width, height] of [[390, 844], [1280, 900]]) {
  test(`choosing a place while posting, ${width} wide`, async () => {
    const page = await person(browser, site, { width, height });
    await signIn(page, me);
    await nav(page, 'Home').waitFor();
    await page.goto('/new');
    await choose(page, [fixture('portrait.jpg')]);
    await allUploaded(page, 1);
    await page.getByRole('button', { name: 'Next' }).click();
    const place = page.getByLabel('Place', { exact: true });
    await place.fill('Berli');
    const choice = page.getByRole('list', { name: 'Known places' }).getByRole('button', { name: 'Berlin Germany' }).first();
    await choice.waitFor();
    await axe(page, `places to choose from, ${width}`);
    await shot(page, `place-choices-${width}`);
    await choice.click();
    assert.equal(await place.inputValue(), 'Berlin');
    const post = await share(page);
    assert.equal(String(post.location.id), berlin);
    await page.goto(new URL(post.link).pathname);
    await page.getByRole('link', { name: 'Berlin' }).click();
    await page.waitForURL(`/places/${berlin}`);
    await page.getByRole('heading', { name: 'Berlin, Germany' }).waitFor();
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });
}
