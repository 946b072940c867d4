// Every page, narrow and wide, light and dark, in both languages: axe, no script error, nothing wider than the screen, a picture.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { fixture, password, signIn } from '../flows.mjs';
import { axe, chapters, launch, person, shot, Site, still } from '../lib.mjs';

const demo = ['--people', '12', '--posts', '20', '--pictures', '12', '--width', '640', '--password', password];
const me = 'mara.lind';

let site, browser, cookies, consent, album, tag;
const test = chapters(plain, () => browser, { apart: true });
before(async () => {
  browser = await launch();
  site = await Site.create([], { demo });
  const token = (await site.api('POST', '/v1/session', { body: { login: me, password } })).access_token;
  album = (await site.api('GET', '/v1/users/self/feed?count=50', { token })).find((m) => m.carousel_media);
  tag = (await site.api('GET', '/v1/users/self/feed?count=50', { token })).flatMap((m) => m.tags)[0];
  await site.api('POST', `/v1/tags/${tag}/relationship`, { token, body: { action: 'follow' } });
  // Something of everything: a request to answer, rows in activity, an invite, an app that asks for access.
  for (const name of ['tomas_v', 'lin.yue']) {
    const t = (await site.api('POST', '/v1/session', { body: { login: name, password } })).access_token;
    const [mine] = await site.api('GET', '/v1/users/self/media/recent', { token });
    await site.api('POST', `/v1/media/${mine.id}/likes`, { token: t });
    await site.api('POST', `/v1/media/${mine.id}/comments`, { token: t, body: { text: `What a morning, @${me}!` } });
  }
  const { id } = await site.api('GET', '/v1/users/self', { token });
  const page = await person(browser, site);
  await signIn(page, me);
  await page.waitForURL('/');
  await page.evaluate(() => fetch('/v1/users/self', { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"is_private":true}' }));
  const asking = await site.signUp('nora', 'Nora Asks');
  await site.api('POST', `/v1/users/${id}/relationship`, { token: asking.token, body: { action: 'follow' } });
  const client = await page.evaluate(async () => {
    const post = async (route, body) => (await (await fetch(route, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })).json()).data;
    await post('/v1/admin/invites', {});
    await fetch('/v1/admin/knobs', { method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: '{"set":{"search":"on","feed_length":"500"}}' });
    return (await post('/v1/apps', { name: 'Wall of frames', website: '', redirect_uris: ['https://frames.example/back'] })).client_id;
  });
  consent = `/oauth/authorize?response_type=code&client_id=${client}&redirect_uri=${encodeURIComponent('https://frames.example/back')}&scope=basic+likes&state=x`;
  cookies = await page.context().cookies();
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** Settled: nothing that a person would wait for is under way in what is on the screen. */
async function rest(page) {
  await page.waitForFunction(() => {
    const shown = (e) => {
      const r = e.getBoundingClientRect();
      return r.width > 0 && r.top < innerHeight && r.left < innerWidth && r.bottom > 0 && r.right > 0;
    };
    return document.readyState === 'complete' && document.querySelector('main *')
      && ![...document.querySelectorAll('.splash, .spinner, .skeleton, [aria-busy="true"]')].some(shown)
      && [...document.images].filter(shown).every((i) => i.complete);
  });
  await still(page);
}

let wrong = [];
/** Notes what is wrong with a page as it stands; the test fails at its end, with all of it. */
async function check(page, name) {
  await rest(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) wrong.push(`${name} is ${wide} px too wide`);
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await still(page);
    await axe(page, `${name}, ${scheme}`).catch((e) => wrong.push(e.message));
    await shot(page, `${name}-${scheme}`);
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
}

async function leave(page) {
  await page.context().close();
  const found = [...wrong, ...page.errors];
  wrong = [];
  assert.equal(found.length, 0, found.join('\n'));
}

const locales = { en: 'en-US', zh: 'zh-CN' };
const words = {
  en: { lang: 'en', title: 'New post', next: 'Next', tools: ['Filters', 'Crop', 'Adjust', 'Focus'], choose: 'Choose photos', help: 'Keyboard shortcuts', more: 'More options', edit: 'Edit', leave: 'Close the new post' },
  zh: { lang: 'zh-CN', title: '发布新帖', next: '下一步', tools: ['滤镜', '裁剪', '调整', '对焦'], choose: '选择照片', help: '键盘快捷键', more: '更多操作', edit: '编辑', leave: '关闭新帖' },
};

for (const [width, height] of [[360, 740], [1440, 900]]) {
  for (const language of ['en', 'zh']) {
    const w = words[language];
    const open = async (signedIn) => {
      const page = await person(browser, site, { width, height, locale: locales[language] });
      await page.emulateMedia({ reducedMotion: 'reduce' });
      if (signedIn) await page.context().addCookies(cookies);
      // The choice of this device; the account's own says English.
      await page.addInitScript((l) => localStorage.setItem('tintype.locale', l), w.lang);
      return page;
    };
    const name = (page) => `${page}-${width}-${language}`;

    test(`signed in, ${width} wide, ${language}`, async () => {
      const page = await open(true);
      const visits = {
        feed: '/', tag: `/tags/${tag}`, 'tag-empty': '/tags/nothing_yet', people: '/search', activity: '/activity', profile: `/${me}`, other: '/juno', post: `/p/${album.link.split('/p/')[1]}`,
        settings: '/settings', 'settings-profile': '/settings/profile', account: '/settings/account', appearance: '/settings/appearance', sessions: '/settings/sessions', apps: '/settings/apps', site: '/settings/site',
        nothing: '/p/nothinghere', consent,
      };
      for (const [what, where] of Object.entries(visits)) {
        await page.goto(where);
        await page.waitForFunction((l) => document.documentElement.lang === l, w.lang);
        await check(page, name(what));
      }

      await page.goto('/search');
      await page.getByRole('searchbox').fill('ma');
      await page.getByRole('main').getByRole('link', { name: /mara/ }).waitFor();
      await check(page, name('search'));
      await page.getByRole('searchbox').fill(`#${tag.slice(0, 3)}`);
      await page.getByRole('main').getByRole('link', { name: new RegExp(`#${tag}`) }).waitFor();
      await check(page, name('search-tags'));

      await page.goto(`/${me}`);
      await page.getByRole('main').getByRole('link').filter({ has: page.locator('img') }).first().click();
      await page.getByRole('button', { name: w.more }).first().click();
      await check(page, name('menu'));
      await page.getByRole('dialog').getByRole('button', { name: w.edit, exact: true }).click();
      await page.getByRole('dialog').getByRole('textbox').first().waitFor();
      await check(page, name('edit'));
      await page.keyboard.press('Escape');

      await page.goto('/');
      await rest(page);
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: w.help }).waitFor();
      await check(page, name('help'));
      await leave(page);
    });

    test(`the composer, ${width} wide, ${language}`, async () => {
      const page = await open(true);
      await page.goto('/new');
      await page.getByRole('button', { name: w.choose }).waitFor();
      await check(page, name('new'));
      await page.locator('input[type=file]').setInputFiles(['portrait.jpg', 'dunes.heic', 'flower.webp'].map(fixture));
      await page.getByRole('list').getByRole('button').nth(3).waitFor();
      await page.waitForFunction(() => document.querySelectorAll('ol canvas').length >= 3);
      for (const [i, t] of w.tools.entries()) {
        await page.getByRole('tab', { name: t }).click();
        if (i === 3) await page.getByRole('radiogroup').locator('label').nth(1).click();
        await check(page, name(`new-${['filter', 'crop', 'adjust', 'focus'][i]}`));
      }
      await page.getByRole('button', { name: w.next, exact: true }).click();
      await page.getByRole('textbox').first().fill('Three of a kind #lofoten');
      await check(page, name('new-details'));
      await leave(page);
    });

    test(`signed out, ${width} wide, ${language}`, async () => {
      const page = await open(false);
      const visits = { 'sign-in': '/sign-in', 'sign-up': '/sign-up', 'out-tag': `/tags/${tag}`, 'out-post': `/p/${album.link.split('/p/')[1]}`, 'out-profile': '/juno', 'out-private': `/${me}`, 'out-nothing': '/no/such/page' };
      for (const [what, where] of Object.entries(visits)) {
        await page.goto(where);
        await page.waitForFunction((l) => document.documentElement.lang === l, w.lang);
        await check(page, name(what));
      }
      await leave(page);
    });
  }
}
