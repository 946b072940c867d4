import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import type { Knob } from '../api/types';
import { network, ok, refusal, renderApp } from '../test/app';
import { Knobs } from './Knobs';

const knob = (over: Partial<Knob>): Knob => ({
  name: 'uploads', kind: 'switch', help: 'Whether photos are taken', unit: '', value: 'on', default: 'on', min: 0, max: 1, zero: false, words: [],
  set: false, changed_time: null, changed_by: null, changed_via: '', ...over,
});
const uploads = knob({});
const off = knob({ value: 'off', set: true, changed_time: '1700000000', changed_via: 'root' });
const length = knob({ name: 'feed_length', kind: 'number', value: '1000', default: '1000', min: 20, max: 1000 });
const unknown = knob({ name: 'brand_new', help: 'What no catalogue knows' });
const signup = knob({ name: 'signup', kind: 'choice', value: 'open', default: 'open', words: ['open', 'closed'] });

it('turns a switch, says who did, and turns it back', async () => {
  const net = network((method, _url, init) => {
    if (method === 'GET') return ok([uploads, unknown, signup]);
    return ok([(init.body as string).includes('reset') ? uploads : off, unknown, signup]);
  });
  const { container } = renderApp(<Knobs />);
  const box = await screen.findByRole<HTMLInputElement>('switch', { name: 'Photos' });
  expect(box.checked).toBe(true);
  expect(screen.getByRole('switch', { name: 'brand_new' })).toBeTruthy();
  expect(screen.getByText('What no catalogue knows')).toBeTruthy();
  await userEvent.click(box);
  await waitFor(() => expect(screen.getByRole<HTMLInputElement>('switch', { name: 'Photos' }).checked).toBe(false));
  expect(net.body(1)).toEqual({ set: { uploads: 'off' } });
  expect(screen.getByText(/by root/)).toBeTruthy();
  expect((await axe.run(container, { rules: { region: { enabled: false }, 'color-contrast': { enabled: false } } })).violations).toEqual([]);
  await userEvent.click(screen.getByRole('button', { name: 'Back to default (on): Photos' }));
  await waitFor(() => expect(screen.queryByText(/by root/)).toBeNull());
  expect(net.made().filter((m) => m.startsWith('PATCH'))).toEqual(['PATCH /v1/admin/knobs', 'PATCH /v1/admin/knobs']);
});

it('shows what a number may be, and the sentence when it is refused', async () => {
  network((method) => (method === 'GET' ? ok([length]) : refusal(400, 'APIInvalidParametersError', 'feed_length is a whole number from 20 to 1000, not "3"', 'feed_length')));
  renderApp(<Knobs />);
  const field = await screen.findByLabelText<HTMLInputElement>('Length of feeds');
  expect(screen.queryByRole('button', { name: 'Save: Length of feeds' })).toBeNull(); // nothing to save
  await userEvent.clear(field);
  await userEvent.type(field, '3');
  await userEvent.click(screen.getByRole('button', { name: 'Save: Length of feeds' }));
  expect((await screen.findByRole('alert')).textContent).toContain('from 20 to 1000');
  expect(field.getAttribute('aria-invalid')).toBe('true');
});
