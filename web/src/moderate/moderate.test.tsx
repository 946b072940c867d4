import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import AdminPage from '../admin/AdminPage';
import { ada, me, network, ok, refusal, renderApp } from '../test/app';
import ReportDialog from './ReportDialog';
import { ReportsSettings } from './ReportsSettings';
import type { Decision } from './types';

// What jsdom has not.
HTMLElement.prototype.scrollIntoView = () => undefined;
beforeEach(() => void vi.stubGlobal('IntersectionObserver', class { observe() {} disconnect() {} }));

const decision: Decision = {
  id: '5', thing: { kind: 'post', id: '9', post_id: '9', shortcode: 'abc' }, action: 'remove', reason: 'nudity', words: 'not here', text: 'a sight',
  created_time: '1700000000', until_time: null, state: 'holds', ended_time: null, can_appeal: true, appeal: { state: 'none', words: '', created_time: null, reply: '' },
};

it('reports only with a reason, and says what the server refused', async () => {
  const close = vi.fn();
  let refuse = true;
  const net = network((_method, _url) => (refuse ? refusal(429, 'OAuthRateLimitException', 'you have reported a lot', undefined) : ok({ reason: 'spam', words: 'look' })));
  renderApp(<ReportDialog what={{ kind: 'comment', id: '3', post_id: '9' }} onClose={close} />);
  const send = await screen.findByRole<HTMLButtonElement>('button', { name: 'Send report' });
  expect(send.disabled).toBe(true);
  await userEvent.click(screen.getByLabelText('Spam or a scam'));
  await userEvent.type(screen.getByLabelText('Anything else they should know'), 'look');
  await userEvent.click(send);
  expect((await screen.findByRole('alert')).textContent).toContain('You have reported a lot');
  refuse = false;
  await userEvent.click(send);
  await waitFor(() => expect(close).toHaveBeenCalled());
  expect(net.body(net.made().length - 1)).toEqual({ kind: 'comment', id: '3', post_id: '9', reason: 'spam', words: 'look' });
});

it('tells what was decided, why, and takes an appeal', async () => {
  const net = network((method, url) => ok(method === 'POST' ? null : url.includes('/notices') ? [decision] : [], {}));
  renderApp(<ReportsSettings />);
  const notice = await screen.findByRole('article', { name: 'Your post was taken down' });
  expect(notice.textContent).toContain('Nudity');
  expect(notice.textContent).toContain('not here');
  await userEvent.click(within(notice).getByRole('button', { name: 'Appeal' }));
  const dialog = await screen.findByRole('dialog');
  await userEvent.type(within(dialog).getByLabelText('Your appeal'), 'a statue');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Appeal' }));
  await waitFor(() => expect(net.made().some((m) => m.startsWith('POST') && m.includes('/notices/5/appeal'))).toBe(true));
  expect(await screen.findByText('You have not reported anything.')).toBeTruthy();
});

const open = {
  id: '8', thing: decision.thing, user: ada, state: 'open', reports: 2, reasons: ['spam', 'nudity'], opened_time: '1700000000', closed_time: null, text: 'a sight',
  is_private: false, claimed_by: null, claimed_time: null, closed_by: null,
};

it('shows moderators the queue and not the pages of admins', async () => {
  network(() => ok([open], {}));
  renderApp(<AdminPage />, { self: { ...me, is_moderator: true }, path: '/admin' });
  expect(await screen.findByText('Post by ada')).toBeTruthy();
  expect(screen.getByText(/2 reports: Spam or a scam, Nudity/)).toBeTruthy();
  expect(screen.getByRole('link', { name: 'Appeals' })).toBeTruthy();
  expect(screen.queryByRole('link', { name: 'Audit log' })).toBeNull();
});

it('keeps others out', () => {
  network(() => ok([], {}));
  renderApp(<AdminPage />, { path: '/admin' });
  expect(screen.getByText('This is for the people who run this site.')).toBeTruthy();
});

it('decides with a reason and words', async () => {
  const preview = { ...open, is_gone: false, caption: 'a sight', comment: '', pictures: [{ url: '/x.jpg', alt_text: 'a lake', width: 3, height: 2 }], bio: '', website: '', before: [] };
  const net = network((method, url) => ok(method === 'POST' ? null : url.endsWith('/reports/8') ? preview : [], {}));
  renderApp(<AdminPage />, { self: { ...me, is_admin: true }, path: '/admin/reports/8' });
  expect(await screen.findByRole('img', { name: 'a lake' })).toBeTruthy();
  await userEvent.click(await screen.findByRole('radio', { name: /Take it down/ }));
  await userEvent.selectOptions(screen.getByLabelText('Reason'), 'nudity');
  await userEvent.type(screen.getByLabelText('Words to the person'), 'no');
  await userEvent.click(screen.getByRole('button', { name: 'Decide' }));
  await waitFor(() => expect(net.made().some((m) => m.includes('/decide'))).toBe(true));
  expect(net.body(net.made().findIndex((m) => m.includes('/decide')))).toEqual({ action: 'remove', reason: 'nudity', words: 'no', days: 0 });
});
