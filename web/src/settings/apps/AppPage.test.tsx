import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { AdminApp, App, Callback } from '../../api/types';
import { network, ok, refusal, renderApp } from '../../test/app';
import { AdminApps } from './AdminApps';
import AppPage from './AppPage';
import { PausedMark } from './Callbacks';

const app: App = {
  id: '7', name: 'Wall', description: 'A wall of photos', website: '', client_id: 'c1', redirect_uris: ['https://wall.example/cb'], public: false,
  enforce_signed: false, can_sign: true, implicit_grant: false, password_grant: false, hourly_limit: 5000, own_hourly_limit: 0, created_time: '1700000000',
};
const hours = [
  { time: '1700000000', calls: 0, refused: 0 },
  { time: '1700003600', calls: 40, refused: 2 },
  { time: '1700007200', calls: 8, refused: 0 },
];

it('shows what an app called, as bars and as a table of the hours that had any', async () => {
  network((_method, url) => ok(url.includes('/callbacks') ? [] : url.includes('/usage') ? hours : app));
  renderApp(<AppPage id="7" />);
  const graph = await screen.findByRole('img');
  expect(graph.getAttribute('aria-label')).toBe('48 calls, most in one hour: 40. 2 were refused by a limit.');
  const table = screen.getByRole('table', { hidden: true });
  expect(within(table).getAllByRole('row', { hidden: true }).map((r) => r.textContent?.replace(/^.*[AP]M/, ''))).toEqual(['FromCalls let inRefused', '80', '402']);
  expect(screen.getByText(/5,000 calls an hour/)).toBeTruthy();
});

it('shows a new secret once, after asking', async () => {
  const net = network((method, url) => ok(url.includes('/callbacks') ? [] : url.includes('/usage') ? [] : method === 'POST' ? { ...app, client_secret: 'brand-new' } : app));
  renderApp(<AppPage id="7" />);
  await userEvent.click(await screen.findByRole('button', { name: 'Get a new secret' }));
  const dialog = await screen.findByRole('dialog');
  expect(dialog.textContent).toContain('The old secret stops working at once');
  expect(net.made().some((m) => m.startsWith('POST'))).toBe(false);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Get a new secret' }));
  expect((await screen.findByLabelText<HTMLInputElement>('client_secret')).value).toBe('brand-new');
  await userEvent.click(screen.getByRole('button', { name: 'Done' }));
  expect(screen.queryByLabelText('client_secret')).toBeNull();
});

it('turns signatures on, and says why the old ways are off', async () => {
  const net = network((method, url) => ok(url.includes('/callbacks') ? [] : url.includes('/usage') ? [] : method === 'PATCH' ? { ...app, enforce_signed: true } : app));
  renderApp(<AppPage id="7" />);
  await userEvent.click(await screen.findByRole('switch', { name: 'Only signed requests' }));
  await waitFor(() => expect(screen.getByRole<HTMLInputElement>('switch', { name: 'Only signed requests' }).checked).toBe(true));
  expect(net.body(net.made().findIndex((m) => m.startsWith('PATCH')))).toEqual({ enforce_signed: true });
  expect(screen.getByText(/end up in histories and logs/)).toBeTruthy();
});

it('shows what was wrong with a change', async () => {
  network((method, url) => (method === 'PATCH' ? refusal(400, 'APIInvalidParametersError', 'a redirect URI begins with https://', 'redirect_uris') : ok(url.includes('/callbacks') ? [] : url.includes('/usage') ? [] : app)));
  renderApp(<AppPage id="7" />);
  const field = await screen.findByLabelText('Redirect addresses');
  await userEvent.type(field, 'x');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect((await screen.findByRole('alert')).textContent).toContain('begins with https://');
  expect(field.getAttribute('aria-invalid')).toBe('true');
});

it('lets an admin allow an old way to a token', async () => {
  const theirs: AdminApp = { ...app, owner: { id: '2', username: 'ben' } };
  const net = network((method) => ok(method === 'PATCH' ? { ...theirs, implicit_grant: true } : [theirs]));
  renderApp(<AdminApps />);
  await userEvent.click(await screen.findByRole('button', { name: 'Change what Wall may do' }));
  await userEvent.click(screen.getByRole('switch', { name: 'Tokens in addresses' }));
  await userEvent.clear(screen.getByLabelText('Calls an hour'));
  await userEvent.type(screen.getByLabelText('Calls an hour'), '700');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(net.body(net.made().findIndex((m) => m.startsWith('PATCH')))).toEqual({ implicit_grant: true, password_grant: false, own_hourly_limit: 700 });
});

it('says that a callback is paused, why, and has it called again', async () => {
  const callback: Callback = {
    id: '3', callback_url: 'https://wall.example/hook', state: 'paused', failures: 32, last_error: 'it answered with status 500', failing_since: '1700000000', paused_time: '1700086400',
    last_success_time: null, next_time: null, subscriptions: [{ id: '1', object: 'user' }, { id: '2', object: 'tag', object_id: 'dawn' }],
  };
  let state: Callback = callback;
  const net = network((method, url) => {
    if (method === 'POST') state = { ...callback, state: 'ok', failures: 0, last_error: '', paused_time: null };
    return ok(url.includes('/callbacks') ? (method === 'POST' ? null : [state]) : url.includes('/usage') ? [] : app);
  });
  const list = renderApp(<PausedMark app={app} />);
  expect(await screen.findByText('Callback paused')).toBeTruthy();
  list.unmount();
  renderApp(<AppPage id="7" />);
  expect(await screen.findByText(/A callback of this app failed for a whole day/)).toBeTruthy();
  expect(screen.getByText('Failed 32 times in a row: it answered with status 500')).toBeTruthy();
  expect(screen.getByText('people who allowed it · #dawn')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Call again: https://wall.example/hook' }));
  await waitFor(() => expect(screen.queryByText(/failed for a whole day/)).toBeNull());
  expect(net.made().some((m) => m.startsWith('POST') && m.includes('/v1/apps/7/callbacks/3/resume'))).toBe(true);
  expect(screen.getByText('Works')).toBeTruthy();
});
