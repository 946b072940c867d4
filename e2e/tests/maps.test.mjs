// Photo maps, the map of a place, and photos nearby: phone and desk, English and Chinese, with axe. No request leaves the site.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { nav, password, signIn } from '../flows.mjs';
import { axe, chapters, launch, person, shot, Site } from '../lib.mjs';

const me = 'mara.lind';
const berlin = '2950159'; // of GeoNames
const spots = [[52.5163, 13.3777], [52.5186, 13.4083], [52.5219, 13.4132], [48.8584, 2.2945], [35.6586, 139.7454], [-33.8568, 151.2153], [40.6892, -74.0445], [-17.5, 179.9]];

let site, browser, token, mine;
const test = chapters(plain, () => browser, { apart: true });
before(async () => {
  browser = await launch();
  site = await Site.create([], { demo: ['--people', '6', '--posts', '40', '--pictures', '8', '--width', '640', '--password', password] });
  token = (await site.api('POST', '/v1/session', { body: { login: me, password } })).access_token;
  mine = await site.api('GET', '/v1/users/self/media/recent?count=20', { token });
  for (const [i, m] of mine.entries()) {
    const [latitude, longitude] = spots[i % spots.length];
    await site.api('PATCH', `/v1/media/${m.id}`, { token, body: { location: i % spots.length < 3 ? { id: berlin, latitude, longitude } : { latitude, longitude } } });
  }
  assert.ok(mine.length >= 3, `${mine.length} posts are enough for a map`);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** A page that notes every request to somebody else. */
async function visitor(options) {
  const page = await person(browser, site, options);
  page.foreign = [];
  page.on('request', (r) => {
    if (!r.url().startsWith(site.base) && !/^(data|blob):/.test(r.url())) page.foreign.push(r.url());
  });
  return page;
}

/** Waits for the tiles of the base map. */
const drawn = async (page) => {
  await page.waitForFunction(() => {
    const tiles = [...document.querySelectorAll('.leaflet-tile')];
    return tiles.length > 0 && tiles.every((t) => t.classList.contains('leaflet-tile-loaded'));
  });
  await page.waitForLoadState('networkidle');
};

const flat = (page) => page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);

test('a map is shown only once its owner says so', async () => {
  const page = await visitor({ width: 390, height: 844 });
  await page.goto(`/${me}/map`);
  await page.getByText('There is no photo map here.').waitFor();
  await signIn(page, me);
  await nav(page, 'Home').waitFor();
  await page.goto('/settings/account');
  await page.getByRole('switch', { name: 'Show my photo map' }).click();
  await page.getByText('Saved').first().waitFor();
  await axe(page, 'account settings');
  await shot(page, 'map-settings-390');
  await page.goto(`/${me}`);
  await page.getByRole('link', { name: 'Map' }).click();
  await page.waitForURL(`/${me}/map`);
  await page.getByText('Everybody can see this map.').waitFor();
  await page.locator('.map__photo').first().waitFor();
  assert.deepEqual(page.errors, []);
  assert.deepEqual(page.foreign, []);
  await page.context().close();
});

for (const [width, height] of [[390, 844], [1280, 900]]) {
  for (const [locale, lang, dark] of [['en-US', 'en', false], ['zh-CN', 'zh-CN', true]]) {
    test(`a photo map, ${width} wide, ${lang}`, async () => {
      const page = await visitor({ width, height, locale, dark });
      await page.addInitScript((l) => localStorage.setItem('tintype.locale', l), lang);
      await page.goto(`/${me}/map`);
      await page.locator('.map__photo').first().waitFor();
      await page.getByRole('main').getByRole('listitem').first().waitFor();
      await drawn(page);
      await axe(page, `a photo map, ${width}, ${lang}`);
      await shot(page, `map-${width}-${lang}`);
      assert.ok(await flat(page), 'nothing is wider than the screen');

      // With the keyboard: a cluster opens into its photos.
      const zoomIn = page.getByRole('button', { name: lang === 'en' ? 'Zoom in' : '放大' });
      for (let i = 0; i < 3; i++) {
        await zoomIn.focus();
        await page.keyboard.press('Enter');
        await drawn(page);
      }
      await shot(page, `map-zoomed-${width}-${lang}`);
      assert.deepEqual(page.errors, []);
      assert.deepEqual(page.foreign, [], 'a map asks nobody but the site');
      await page.context().close();
    });

    test(`a place's map, ${width} wide, ${lang}`, async () => {
      const page = await visitor({ width, height, locale, dark });
      await page.addInitScript((l) => localStorage.setItem('tintype.locale', l), lang);
      await page.goto(`/places/${berlin}`);
      await page.locator('.map__photo').first().waitFor();
      await drawn(page);
      await axe(page, `a place's map, ${width}, ${lang}`);
      await shot(page, `map-place-${width}-${lang}`);
      await page.getByRole('link', { name: lang === 'en' ? 'Photos nearby' : '附近的照片' }).click();
      await page.waitForURL(/\/nearby\?/);
      await page.getByRole('heading', { name: lang === 'en' ? /Photos around/ : /附近的照片/, level: 2 }).waitFor();
      await page.getByRole('main').getByRole('listitem').first().waitFor();
      await drawn(page);
      await axe(page, `nearby, ${width}, ${lang}`);
      await shot(page, `nearby-${width}-${lang}`);
      assert.ok(await flat(page), 'nothing is wider than the screen');
      assert.deepEqual(page.errors, []);
      assert.deepEqual(page.foreign, []);
      await page.context().close();
    });
  }
}

test('nearby: by name, by position, by a tap', async () => {
  const page = await visitor({ width: 390, height: 844 });
  await page.context().setGeolocation({ latitude: -33.8568, longitude: 151.2153 });
  await page.context().grantPermissions(['geolocation']);
  await page.addInitScript(() => {
    globalThis.asked = 0;
    const real = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
    navigator.geolocation.getCurrentPosition = (...a) => {
      globalThis.asked++;
      real(...a);
    };
  });
  await page.goto('/nearby');
  await page.getByText('Tap the map, name a place').waitFor();
  await drawn(page);
  assert.equal(await page.evaluate(() => globalThis.asked), 0, 'the position is not asked for at load');
  await page.getByLabel('Place', { exact: true }).fill('Berlin');
  await page.getByRole('button', { name: 'Berlin, Germany' }).click();
  await page.waitForURL(/lat=52\.5/);
  await page.getByLabel('Within').selectOption('5000');
  await page.waitForURL(/distance=5000/);
  await page.getByRole('button', { name: 'Use where I am' }).click();
  await page.waitForURL(/lat=-33\.8568&lng=151\.2153/);
  assert.equal(await page.evaluate(() => globalThis.asked), 1);
  await drawn(page);
  const box = await page.locator('.map').boundingBox();
  await page.touchscreen.tap(box.x + 60, box.y + box.height - 60);
  await page.waitForURL((u) => !u.href.includes('-33.8568'));
  assert.deepEqual(page.errors, []);
  assert.deepEqual(page.foreign, []);
  await page.context().close();
});

test('a post is made approximate and taken off the map', async () => {
  const page = await visitor({ width: 390, height: 844 });
  await signIn(page, me);
  await nav(page, 'Home').waitFor();
  const post = mine[0];
  await page.goto(new URL(post.link).pathname);
  await page.getByRole('button', { name: /More|Options/ }).first().click();
  await page.getByRole('menuitem', { name: /^Edit/ }).or(page.getByRole('button', { name: /^Edit/ })).first().click();
  await page.getByRole('group', { name: 'Position' }).waitFor();
  await page.getByLabel('Only about where (1 km)').check();
  await page.getByLabel('On my photo map').uncheck();
  await axe(page, 'the edit dialog with a position');
  await shot(page, 'map-edit-390');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  const now = await site.api('GET', `/v1/media/${post.id}`, { token });
  assert.equal(now.location.on_map, false);
  assert.notEqual(now.location.latitude, spots[0][0]);
  assert.equal(String(now.location.id), berlin, 'the place stays');
  assert.deepEqual(page.errors, []);
  await page.context().close();
});
