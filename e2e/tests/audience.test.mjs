// Who may see a post: the archive, close friends, a post's audience, pins and hidden likes. Phone and desk, with axe.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { acknowledged, allUploaded, choose, eventually, fixture, nav, share, signIn } from '../flows.mjs';
import { axe, chapters, end, launch, person, shot, Site } from '../lib.mjs';

let site, browser, stranger, made = 0;
const test = chapters(plain, () => browser, { apart: true });

/** Somebody who has nothing to do with the other tests, with posts of these captions, the first the oldest. */
async function owner(...captions) {
  made++;
  const user = await site.signUp(`owner_${made}`, 'Olive Owner');
  const posts = [];
  for (const [i, caption] of captions.entries()) {
    posts.push(await site.publish(user.token, ['evening.png', 'portrait.jpg', 'flower.webp'][i % 3], { caption, alt_texts: [caption] }));
  }
  return { ...user, posts };
}

/** Somebody who follows them. */
async function follower(of, name) {
  const user = await site.signUp(`${name}_${made}`, 'Fay Follower');
  await site.follow(user.token, of.id);
  return user;
}

before(async () => {
  browser = await launch();
  site = await Site.create();
  stranger = await site.signUp('stranger', 'Stan Stranger');
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** What the stranger who asks the API for a post is told: that it is there, or the type of the error. */
const told = async (post) => (await (await fetch(`${site.base}/v1/media/${post.id}`, { headers: { Authorization: `Bearer ${stranger.token}` } })).json()).meta.error_type ?? 'there';
const tiles = (page) => page.locator('.grid__tile img').evaluateAll((all) => all.map((i) => i.alt));
const shows = (page, want) => eventually(async () => assert.deepEqual(await tiles(page), want), `the grid shows ${want.join(', ')}`, 20_000);
const undo = (page) => page.getByRole('status').getByRole('button', { name: 'Undo' }).last().click();

/** Opens the menu of the post on the page and chooses from it. */
async function fromMenu(page, item) {
  await page.getByRole('button', { name: 'More options' }).first().click();
  await page.getByRole('dialog', { name: 'More options' }).getByRole('button', { name: item, exact: true }).click();
}

for (const [width, height] of [[390, 844], [1280, 900]]) {
  const open = async (login) => {
    const page = await person(browser, site, { width, height });
    await signIn(page, login);
    await nav(page, 'Home').waitFor();
    return page;
  };

  test(`archived, taken back, archived and brought back, ${width} wide`, async () => {
    const me = await owner('The old one', 'The new one');
    const [old] = me.posts;
    const page = await open(me.username);
    await page.goto(`/p/${old.shortcode}`);
    await page.getByRole('button', { name: 'More options' }).first().click();
    await page.getByRole('button', { name: 'Archive', exact: true }).waitFor();
    await axe(page, `the menu of a post of one's own, ${width}`);
    await shot(page, `audience-menu-${width}`);
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await page.getByText('Archived. Only you see it now.').waitFor();
    await page.locator('.badge').filter({ hasText: 'Archived' }).first().waitFor();
    await axe(page, `an archived post, ${width}`);
    await shot(page, `audience-archived-${width}`);
    await undo(page);
    await page.locator('.badge').filter({ hasText: 'Archived' }).first().waitFor({ state: 'detached' });
    await fromMenu(page, 'Archive');
    await page.getByText('Archived. Only you see it now.').waitFor();
    assert.equal(await told(old), 'APINotFoundError', 'nobody else is told of it');

    await page.goto(`/${me.username}`);
    await shows(page, ['The new one']);
    await page.getByRole('link', { name: 'Archive', exact: true }).click();
    await page.getByText('Only you see these photos.').waitFor();
    await shows(page, ['The old one']);
    await axe(page, `the archive, ${width}`);
    await shot(page, `audience-archive-${width}`);
    await page.getByRole('link', { name: /The old one/ }).click();
    await fromMenu(page, 'Bring back from the archive');
    await page.getByText('It is back where it was.').waitFor();
    await page.goto('/archive');
    await page.getByText('Nothing is archived').waitFor();
    await axe(page, `an empty archive, ${width}`);
    await shot(page, `audience-archive-empty-${width}`);
    await page.goto(`/${me.username}`);
    await shows(page, ['The new one', 'The old one']);
    await end(page);
  });

  test(`a post for close friends, ${width} wide`, async () => {
    const me = await owner('For everybody');
    const friend = await follower(me, 'friend');
    const other = await follower(me, 'other');
    const page = await open(me.username);
    await page.goto('/close-friends');
    await page.getByText('Nobody yet').waitFor();
    await axe(page, `no close friends, ${width}`);
    await page.getByLabel('Find somebody to add').fill(friend.username);
    const add = page.getByRole('button', { name: `Add ${friend.username} to your close friends` });
    await add.waitFor();
    await shot(page, `audience-friends-found-${width}`);
    await add.click();
    const remove = page.getByRole('button', { name: `Remove ${friend.username} from your close friends` });
    await remove.waitFor();
    await page.getByLabel('Find somebody to add').fill('');
    await page.getByRole('region', { name: 'On the list' }).getByText(friend.username).waitFor();
    await axe(page, `close friends, ${width}`);
    await shot(page, `audience-friends-${width}`);
    await remove.click();
    await page.getByText(`${friend.username} is no longer one of your close friends.`).waitFor();
    await undo(page);
    await remove.waitFor();

    await page.goto('/new');
    await choose(page, fixture('portrait.jpg'));
    await allUploaded(page, 1);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByLabel('Caption').fill('Just us');
    await page.getByRole('radio', { name: /^Close friends only/ }).check();
    await page.getByRole('switch', { name: 'Hide likes from others' }).scrollIntoViewIfNeeded();
    await axe(page, `composing for close friends, ${width}`);
    await shot(page, `audience-compose-${width}`);
    const post = await share(page);
    assert.equal(post.audience, 'friends');
    await end(page);

    const theirs = await open(friend.username);
    await eventually(async () => {
      const feed = await site.api('GET', '/v1/users/self/feed', { token: friend.token });
      assert.ok(feed.some((m) => m.id === post.id));
    }, 'the post is in the feed of the friend', 20_000);
    await theirs.reload();
    const card = theirs.locator(`article[data-post="${post.id}"]`);
    await card.waitFor();
    await card.locator('.badge').filter({ hasText: 'Close friends' }).waitFor();
    await axe(theirs, `a feed with a post for close friends, ${width}`);
    await shot(theirs, `audience-feed-${width}`);
    await theirs.goto(`/${me.username}`);
    await theirs.locator('.grid__friends').waitFor();
    await theirs.locator('.grid').scrollIntoViewIfNeeded();
    await axe(theirs, `a profile with a post for close friends, ${width}`);
    await shot(theirs, `audience-profile-friend-${width}`);
    await end(theirs);

    const out = await open(other.username);
    await out.goto(`/${me.username}`);
    await shows(out, ['For everybody']);
    await out.goto(`/p/${post.shortcode}`);
    await out.getByRole('heading', { name: 'Nothing here' }).waitFor();
    await shot(out, `audience-not-there-${width}`);
    await end(out);
  });

  test(`the audience is changed in an edit, ${width} wide`, async () => {
    const me = await owner('Once for all');
    await site.follow(stranger.token, me.id);
    const [post] = me.posts;
    const page = await open(me.username);
    await page.goto(`/p/${post.shortcode}`);
    await fromMenu(page, 'Edit');
    const dialog = page.getByRole('dialog', { name: 'Edit post' });
    const friends = dialog.getByRole('radio', { name: /^Close friends only/ });
    await friends.scrollIntoViewIfNeeded();
    await friends.check();
    await axe(page, `editing the audience, ${width}`);
    await shot(page, `audience-edit-${width}`);
    await acknowledged(page, 'PATCH', /^\/v1\/media\/[^/]+$/, () => dialog.getByRole('button', { name: 'Save' }).click());
    await page.locator('.badge').filter({ hasText: 'Close friends' }).first().waitFor();
    await shot(page, `audience-post-friends-${width}`);
    assert.equal(await told(post), 'APINotFoundError');
    await fromMenu(page, 'Edit');
    await dialog.getByRole('radio', { name: /^Everyone who may see my photos/ }).check();
    await acknowledged(page, 'PATCH', /^\/v1\/media\/[^/]+$/, () => dialog.getByRole('button', { name: 'Save' }).click());
    await page.locator('.badge').filter({ hasText: 'Close friends' }).first().waitFor({ state: 'detached' });
    assert.equal(await told(post), 'there');
    await end(page);
  });

  test(`two posts are pinned, ${width} wide`, async () => {
    const me = await owner('One', 'Two', 'Three', 'Four');
    const page = await open(me.username);
    for (const post of me.posts.slice(0, 2)) {
      await page.goto(`/p/${post.shortcode}`);
      await fromMenu(page, 'Pin to my profile');
      await page.getByText('Pinned to your profile').waitFor();
    }
    await page.goto(`/${me.username}`);
    await shows(page, ['Two', 'One', 'Four', 'Three']);
    assert.equal(await page.locator('.grid__tile').getByText('Pinned').count(), 2);
    await page.locator('.grid__tile').last().scrollIntoViewIfNeeded();
    await axe(page, `a profile with pins, ${width}`);
    await shot(page, `audience-pins-${width}`);
    await page.getByRole('link', { name: /Two/ }).click();
    await fromMenu(page, 'Unpin from my profile');
    await page.getByText('No longer pinned').waitFor();
    await page.goBack();
    await shows(page, ['One', 'Four', 'Three', 'Two']);
    await end(page);
  });

  test(`likes are hidden from others, ${width} wide`, async () => {
    const me = await owner('Liked in silence');
    const other = await follower(me, 'other');
    const [post] = me.posts;
    await site.api('POST', `/v1/media/${post.id}/likes`, { token: other.token });
    const page = await open(me.username);
    await page.goto(`/p/${post.shortcode}`);
    await page.getByText(`Liked by ${other.username}`).waitFor();
    await fromMenu(page, 'Edit');
    const dialog = page.getByRole('dialog', { name: 'Edit post' });
    await dialog.getByRole('switch', { name: 'Hide likes from others' }).click();
    await acknowledged(page, 'PATCH', /^\/v1\/media\/[^/]+$/, () => dialog.getByRole('button', { name: 'Save' }).click());
    await page.getByText('Only you see this').waitFor();
    await page.getByText(`Liked by ${other.username}`).waitFor();
    await axe(page, `likes that others do not see, ${width}`);
    await shot(page, `audience-likes-own-${width}`);
    await end(page);
    const out = await open(other.username);
    await out.goto(`/p/${post.shortcode}`);
    await out.getByText('Likes are hidden').waitFor();
    assert.equal(await out.getByText('Liked by').count(), 0);
    await axe(out, `hidden likes, ${width}`);
    await shot(out, `audience-likes-hidden-${width}`);
    await end(out);
  });

  if (width === 390) test('in Chinese, in the dark', async () => {
    const me = await owner('雨后', '渡口', '黄昏');
    for (const p of me.posts.slice(0, 2)) await site.api('PUT', `/v1/media/${p.id}/pin`, { token: me.token });
    await site.api('PATCH', `/v1/media/${me.posts[1].id}`, { token: me.token, body: { audience: 'friends', hide_likes: true } });
    await site.api('PUT', `/v1/media/${me.posts[2].id}/archive`, { token: me.token });
    const page = await person(browser, site, { width, height, dark: true });
    await signIn(page, me.username);
    await nav(page, 'Home').waitFor();
    await page.evaluate(() => localStorage.setItem('tintype.locale', 'zh-CN'));
    await page.goto(`/${me.username}`);
    await shows(page, ['渡口', '雨后']);
    await page.locator('.grid__tile').last().scrollIntoViewIfNeeded();
    await axe(page, `a profile in Chinese`);
    await shot(page, `audience-pins-zh`);
    await page.goto('/archive');
    await shows(page, ['黄昏']);
    await axe(page, `the archive in Chinese`);
    await shot(page, `audience-archive-zh`);
    await page.goto('/close-friends');
    await page.getByRole('heading', { name: '密友' }).waitFor();
    await page.getByText('还没有人').waitFor();
    await axe(page, `close friends in Chinese`);
    await shot(page, `audience-friends-zh`);
    await page.goto(`/p/${me.posts[1].shortcode}`);
    await page.locator('.badge').filter({ hasText: '密友' }).first().waitFor();
    await axe(page, `a post for close friends in Chinese`);
    await shot(page, `audience-post-zh`);
    await end(page);
  });
}
