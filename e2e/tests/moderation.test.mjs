// Reports and what comes of them: those who report, those who decide, those concerned, and the pages of admins; phone and desk, with axe.
import assert from 'node:assert/strict';
import { after, before, test as plain } from 'node:test';
import { eventually, nav, password, signIn } from '../flows.mjs';
import { axe, chapters, end, launch, person, shot, Site } from '../lib.mjs';

let site, browser, boss, mod, outsider, made = 0;
const test = chapters(plain, () => browser, { apart: true });

/** A page on which somebody is signed in already; in Chinese it is in the dark, too. */
async function as(username, at, { locale } = {}) {
  const page = await person(browser, site, { ...at, ...(locale ? { locale, dark: true } : {}) });
  if (locale) await page.addInitScript((l) => localStorage.setItem('tintype.locale', l), locale);
  const res = await page.request.post('/v1/session', { data: { login: username, password, cookie: true }, headers: { Origin: site.base } });
  assert.equal(res.status(), 200, await res.text());
  return page;
}

/** Two who are strangers to the other tests: an author, and a fan who follows them; each has a post, and the author has a remark under the fan's. */
async function two() {
  made++;
  const author = await site.signUp(`ann_author_${made}`, 'Ann Author');
  const fan = await site.signUp(`finn_fan_${made}`, 'Finn Fan');
  await site.follow(fan.token, author.id);
  const post = await site.publish(author.token, 'portrait.jpg', { caption: 'Buy my lenses, half price only today, write to me' });
  const other = await site.publish(fan.token, 'evening.png', { caption: 'The harbour, late' });
  await site.api('POST', `/v1/media/${other.id}/comments`, { token: author.token, body: { text: 'What a dreadful picture, give up' } });
  await eventually(async () => assert.equal((await site.api('GET', `/v1/media/${other.id}/comments`, { token: fan.token })).length, 1), 'the comment is there', 20_000);
  return { author, fan, post, other };
}

const thing = (id) => id.split('_')[0];
const report = (who, what) => site.api('POST', '/v1/reports', { token: who.token, body: { words: '', ...what } });

before(async () => {
  browser = await launch();
  site = await Site.create();
  boss = await site.signUp('boss', 'Bo Boss'); // the first has the site
  outsider = await site.signUp('otto_outsider', 'Otto Outsider');
  mod = await site.signUp('mona_mod', 'Mona Moderator');
  await site.api('PUT', `/v1/admin/users/${mod.id}/moderator`, { token: boss.token });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** Nothing is wider than the screen. */
const fits = async (page, where) => {
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wider <= 0, `${where} is ${wider} pixels wider than the screen`);
};

/** Looks at the page: axe, the width, a picture. */
async function look(page, name, width) {
  await axe(page, `${name}, ${width}`);
  await fits(page, name);
  await shot(page, `mod-${name}-${width}`);
}

for (const at of [{ width: 390, height: 844 }, { width: 1280, height: 900 }]) {
  const { width } = at;

  test(`reporting a post, a comment and an account, ${width} wide`, async () => {
    const { author, fan, post, other } = await two();
    const page = await as(fan.username, at);
    const dialog = page.getByRole('dialog', { name: 'What is wrong with it?' });
    const send = async (reason, words) => {
      await dialog.getByRole('radio', { name: reason }).click();
      if (words) await dialog.getByLabel('Anything else they should know').fill(words);
      await dialog.getByRole('button', { name: 'Send report' }).click();
      await dialog.waitFor({ state: 'detached' });
      await page.getByText('Thank you.').first().waitFor();
    };
    await page.goto('/settings/reports');
    await page.getByText('You have not reported anything.').waitFor();
    await look(page, 'reports-none', width);

    await page.goto(`/p/${post.shortcode}`);
    await page.getByRole('button', { name: 'More options' }).click();
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    await dialog.waitFor();
    assert.ok(await dialog.getByRole('button', { name: 'Send report' }).isDisabled());
    await look(page, 'report-dialog', width);
    await send('Spam or a scam', 'The shop does not exist. I have asked twice.');

    await page.goto(`/p/${other.shortcode}`);
    const remark = page.getByRole('list', { name: 'Comments' }).getByRole('listitem').filter({ hasText: 'What a dreadful picture' });
    await remark.getByRole('button', { name: /^Report/ }).click();
    await send('Bullying or harassment');

    await page.goto(`/${author.username}`);
    await page.getByRole('button', { name: 'More options' }).first().click();
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    await send('Pretends to be somebody else');

    await page.goto('/settings/reports');
    await page.getByText(`Account of ${author.username}: Pretends to be somebody else`).waitFor();
    await page.getByText('Comment: Bullying or harassment').waitFor();
    await page.getByText('Post: Spam or a scam').waitFor();
    assert.equal(await page.getByText('Waits to be looked at').count(), 3);
    await look(page, 'reports-mine', width);
    await page.getByRole('link', { name: 'See the post' }).first().click();
    await page.waitForURL('**/p/**');

    const zh = await as(fan.username, at, { locale: 'zh-CN' });
    await zh.goto('/settings/reports');
    await zh.getByText('等待处理').first().waitFor();
    await look(zh, 'reports-mine-zh', width);
    await end(page, zh);
  });

  test(`a post is taken down, the person concerned is told and appeals, ${width} wide`, async () => {
    const { author, fan, post, other } = await two();
    await report(fan, { kind: 'post', id: thing(post.id), reason: 'spam', words: 'The shop does not exist.' });
    const page = await as(mod.username, at);
    await page.goto('/admin');
    await page.getByRole('link', { name: `Look at it: Post by ${author.username}` }).waitFor();
    await look(page, 'queue', width);
    await page.getByRole('link', { name: `Look at it: Post by ${author.username}` }).click();
    await page.getByRole('heading', { name: `Post by ${author.username}` }).waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll('.admin__pictures img')].every((i) => i.complete && i.naturalWidth > 0));
    await page.getByRole('link', { name: 'See the post' }).waitFor();
    await look(page, 'case', width);
    await page.getByRole('button', { name: 'I am looking at it' }).click();
    await page.getByRole('button', { name: 'Leave it to others' }).waitFor();
    await page.getByRole('radio', { name: /^Take it down/ }).click();
    await page.getByLabel('Reason').selectOption('spam');
    await page.getByLabel('Words to the person').fill('We take no adverts here.');
    await page.getByRole('button', { name: 'Decide', exact: true }).scrollIntoViewIfNeeded();
    await look(page, 'case-decide', width);
    await page.getByRole('button', { name: 'Decide', exact: true }).click();
    await page.waitForURL('**/admin');
    await page.getByLabel('State').selectOption('closed');
    await page.getByText('Something was done, by mona_mod').first().waitFor();
    await look(page, 'queue-closed', width);

    const reporter = await as(fan.username, at);
    await reporter.goto('/settings/reports');
    await reporter.getByText('Something was done about it').waitFor();
    await look(reporter, 'reports-outcome', width);

    const person = await as(author.username, at);
    await person.goto('/activity');
    await person.getByRole('link', { name: 'See what and why' }).first().click();
    const notice = person.getByRole('article', { name: 'Your post was taken down' });
    await notice.getByText('We take no adverts here.').waitFor();
    await look(person, 'notice', width);
    await notice.getByRole('button', { name: 'Appeal' }).click();
    const ask = person.getByRole('dialog', { name: 'Appeal' });
    await ask.getByLabel('Your appeal').fill('It is no advert: these are lenses from my grandfather’s attic, and the price was a joke between friends.');
    await look(person, 'appeal-dialog', width);
    await ask.getByRole('button', { name: 'Appeal' }).click();
    await notice.getByText('You appealed; it is not decided yet.').waitFor();
    await look(person, 'notice-appealed', width);

    const judge = await as(boss.username, at);
    await judge.goto('/admin/appeals');
    await judge.getByRole('link', { name: `See the case of ${author.username}` }).waitFor();
    await look(judge, 'appeals', width);
    await judge.getByRole('link', { name: `See the case of ${author.username}` }).click();
    await judge.getByRole('heading', { name: `Post by ${author.username}` }).waitFor();
    await judge.getByText('Something was done, by mona_mod').waitFor();
    assert.equal(await judge.getByRole('link', { name: 'See the post' }).count(), 0, 'what is taken down has no page');
    await look(judge, 'case-closed', width);
    await judge.goto('/admin/appeals');
    await judge.getByRole('button', { name: `Answer the appeal of ${author.username}` }).click();
    const answer = judge.getByRole('dialog', { name: 'Answer' });
    await answer.getByRole('radio', { name: /^Grant it/ }).click();
    await answer.getByLabel('Your answer').fill('You are right, and we are sorry.');
    await look(judge, 'appeal-answer', width);
    await answer.getByRole('button', { name: 'Answer' }).click();
    await judge.getByRole('link', { name: `See the case of ${author.username}` }).waitFor({ state: 'detached' });
    await judge.getByText('No appeals').waitFor();
    await look(judge, 'appeals-none', width);

    await person.reload();
    await notice.getByText('Your appeal was granted.').waitFor();
    await look(person, 'notice-granted', width);
    await eventually(() => site.api('GET', `/v1/media/${post.id}`, { token: fan.token }), 'the post is back', 20_000);

    // What the author said elsewhere, about which nothing is done; and 简体中文.
    const [remark] = await site.api('GET', `/v1/media/${other.id}/comments`, { token: fan.token });
    await report(fan, { kind: 'comment', id: remark.id, post_id: thing(other.id), reason: 'harassment' });
    const zh = await as(mod.username, at, { locale: 'zh-CN' });
    await zh.goto('/admin');
    await zh.getByRole('link', { name: `查看：${author.username} 的评论` }).click();
    await zh.getByText('What a dreadful picture').first().waitFor();
    await zh.getByRole('radio', { name: /^不采取措施/ }).click();
    await look(zh, 'case-comment-zh', width);
    await zh.getByRole('button', { name: '决定', exact: true }).click();
    await zh.waitForURL('**/admin');
    await reporter.reload();
    await reporter.getByText('Looked at; nothing was done').waitFor();
    await end(page, reporter, person, judge, zh);
  });

  test(`a suspended member appeals by their ticket, ${width} wide`, async () => {
    const { author, fan } = await two();
    await report(fan, { kind: 'user', id: author.id, reason: 'impersonation' });
    const page = await as(mod.username, at);
    await page.goto('/admin');
    await page.getByLabel('What').selectOption('user');
    await page.getByRole('link', { name: `Look at it: Account of ${author.username}` }).click();
    await page.getByRole('radio', { name: /^Suspend the account/ }).click();
    await page.getByLabel('Words to the person').fill('You are not Ann.');
    await page.getByLabel('For how many days').fill('7');
    await page.getByLabel('For how many days').scrollIntoViewIfNeeded();
    await look(page, 'case-user', width);
    await page.getByRole('button', { name: 'Decide', exact: true }).click();
    await page.waitForURL('**/admin');

    const out = await person(browser, site, at);
    await signIn(out, author.username);
    await out.getByRole('heading', { name: 'Your account is suspended' }).first().waitFor();
    await out.getByText('You are not Ann.').waitFor();
    await look(out, 'suspended', width);
    await out.getByRole('button', { name: 'Appeal' }).click();
    const ask = out.getByRole('dialog', { name: 'Appeal' });
    await ask.getByLabel('Your appeal').fill('But I am. Ask Finn.');
    await ask.getByRole('button', { name: 'Appeal' }).click();
    await out.getByText('You appealed; it is not decided yet.').waitFor();
    await look(out, 'suspended-appealed', width);

    const judge = await as(boss.username, at);
    await judge.goto('/admin/appeals');
    await judge.getByRole('button', { name: `Answer the appeal of ${author.username}` }).click();
    const answer = judge.getByRole('dialog', { name: 'Answer' });
    await answer.getByRole('radio', { name: /^Grant it/ }).click();
    await answer.getByLabel('Your answer').fill('Finn knows you.');
    await answer.getByRole('button', { name: 'Answer' }).click();
    await answer.waitFor({ state: 'detached' });

    await signIn(out, author.username);
    await nav(out, 'Home').waitFor();
    await out.goto('/settings/reports');
    await out.getByText('Finn knows you.').waitFor();
    await end(page, out, judge);
  });

  test(`the pages of admins, ${width} wide`, async () => {
    const { author } = await two();
    const page = await as(boss.username, at);
    const zh = await as(boss.username, at, { locale: 'zh-CN' });

    await page.goto('/admin/users');
    await page.getByRole('button', { name: `What to do about ${author.username}` }).waitFor();
    await look(page, 'users', width);
    await page.getByLabel('Username begins with').fill('nobody_of_that_name');
    await page.getByText('Nobody by that name.').waitFor();
    await page.getByLabel('Username begins with').fill(author.username);
    await page.getByRole('button', { name: `What to do about ${author.username}` }).click();
    await page.getByRole('button', { name: 'Suspend' }).waitFor();
    await look(page, 'users-menu', width);
    await page.getByRole('button', { name: 'Suspend' }).click();
    const dialog = page.getByRole('dialog', { name: `Suspend ${author.username}` });
    await dialog.getByLabel('Words to the person').fill('A week’s rest.');
    await dialog.getByLabel('For how many days').fill('7');
    await look(page, 'users-suspend', width);
    await dialog.getByRole('button', { name: 'Suspend' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByLabel('State').selectOption('suspended');
    await page.getByRole('link', { name: author.username }).waitFor();
    await look(page, 'users-suspended', width);
    await page.getByRole('button', { name: `What to do about ${author.username}` }).click();
    await page.getByRole('button', { name: 'Lift the suspension' }).click();
    await page.getByText('Done. It is in the audit log.').first().waitFor();
    await page.getByText('Nobody by that name.').waitFor();

    await page.goto('/admin/audit');
    await page.getByRole('link', { name: author.username }).first().waitFor();
    await look(page, 'audit', width);
    await page.getByLabel('What was done').selectOption('invite');

    await page.goto('/admin/invites');
    await page.getByRole('button', { name: 'Create an invite' }).click();
    await page.getByRole('button', { name: /^Copy/ }).first().waitFor();
    await look(page, 'invites', width);
    await page.getByRole('button', { name: /^Revoke/ }).first().click();

    await page.goto('/admin/storage');
    await page.getByText('There is no limit').waitFor();
    await look(page, 'storage', width);

    await page.goto('/admin/jobs');
    await page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor();
    await look(page, 'jobs', width);

    await page.goto('/admin/knobs');
    await page.getByRole('switch').first().waitFor();
    await look(page, 'knobs', width);

    for (const [path, what] of [['audit', '操作人'], ['users', '用户名开头'], ['knobs', '开关'], ['storage', '没有上限']]) {
      await zh.goto(`/admin/${path}`);
      await zh.getByText(what).first().waitFor();
      await look(zh, `${path}-zh`, width);
    }
    await end(page, zh);
  });

  test(`nobody else is shown any of it, ${width} wide`, async () => {
    const page = await as(outsider.username, at);
    await page.goto('/admin/users');
    await page.getByText('This is for the people who run this site.').waitFor();
    await look(page, 'admin-not', width);
    const helper = await as(mod.username, at);
    await helper.goto('/admin/users'); // of admins: moderators are led to the queue
    await helper.waitForURL('**/admin');
    await end(page, helper);
  });
}
