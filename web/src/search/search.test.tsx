import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { en } from '../i18n/messages/en';
import { ada, aPost, me, network, ok, refusal, renderApp } from '../test/app';
import { ask, searchPath, withFrom } from './query';
import { added } from './useRecent';
import SearchPage from './SearchPage';
import { words as said } from './messages';

describe('a question', () => {
  it.each([
    { written: '', name: '', from: null, kinds: [] },
    { written: ' Sun set ', name: 'Sun set', from: null, kinds: ['people', 'tags', 'places', 'photos'] },
    { written: '#sun', name: 'sun', from: null, kinds: ['tags', 'photos'] },
    { written: '＃日落', name: '日落', from: null, kinds: ['tags', 'photos'] },
    { written: '@ada', name: 'ada', from: null, kinds: ['people'] },
    { written: 'sun from:me', name: 'sun', from: 'me', kinds: ['photos'] },
    { written: 'FROM：＠ada 日落', name: '日落', from: 'ada', kinds: ['photos'] },
    { written: 'sun from:', name: 'sun', from: null, kinds: ['people', 'tags', 'places', 'photos'] },
  ])('“$written” is taken apart', ({ written, ...want }) => {
    expect(ask(written)).toEqual({ q: written.trim(), ...want });
  });

  it('can be about one person, and about everybody again', () => {
    expect(withFrom('sun  from:ada set', 'me')).toBe('sun set from:me');
    expect(withFrom('from:ada sun', null)).toBe('sun');
  });

  it('has an address', () => {
    expect(searchPath('')).toBe('/search');
    expect(searchPath('#a b', 'photos')).toBe('/search?q=%23a+b&tab=photos');
  });

  it('is kept once, the last first, eight at most', () => {
    const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    expect(added(all, 'C')).toEqual(['C', 'a', 'b', 'd', 'e', 'f', 'g', 'h']);
    expect(added(all, 'i')).toEqual(['i', 'a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });
});

describe('the page', () => {
  beforeEach(() => {
    localStorage.clear();
    vi.stubGlobal('matchMedia', () => ({ matches: true }));
  });

  const site = (over: (url: string) => Response | undefined = () => undefined) =>
    network((_, url) => {
      const other = over(url);
      if (other) return other;
      if (url.startsWith('/v1/users/search')) return ok([ada]);
      if (url.startsWith('/v1/tags/search')) return ok([{ name: 'adabeach', media_count: 3 }]);
      if (url.startsWith('/v1/locations/search')) return ok([{ id: '5', name: 'Adak', country: 'US', latitude: 1, longitude: 2 }]);
      if (url.startsWith('/v1/search/media')) return ok([aPost({ alt_text: 'a lighthouse' })]);
      return ok([]);
    });
  const box = () => screen.getByRole('searchbox', { name: said.en['search.label'] });

  it('finds every kind by what rests in the box, and writes it into the address', async () => {
    const server = site();
    const view = renderApp(<SearchPage />, { path: '/search' });
    fireEvent.change(box(), { target: { value: 'ad' } });
    fireEvent.change(box(), { target: { value: 'ada' } });
    await screen.findByRole('link', { name: /^ada ?Ada$/ });
    await screen.findByRole('link', { name: /#adabeach/ });
    await screen.findByRole('link', { name: /Adak/ });
    await screen.findByRole('img', { name: 'a lighthouse' });
    expect(view.path()).toBe('/search?q=ada');
    expect(server.made().filter((r) => r.includes('/users/search'))).toEqual(['GET /v1/users/search?q=ada&count=20']);
    expect(screen.getByText('4 results')).toBeTruthy();
  });

  it('asks for the photos of one person alone, and shows whose', async () => {
    const server = site();
    const view = renderApp(<SearchPage />, { path: '/search?q=sun' });
    fireEvent.click(await screen.findByRole('button', { name: said.en['search.onlyMine'], pressed: false }));
    expect((box() as HTMLInputElement).value).toBe('sun from:me');
    fireEvent.click(await screen.findByRole('button', { name: said.en['search.onlyMine'], pressed: true }));
    await waitFor(() => expect(view.path()).toBe('/search?q=sun'));
    expect(server.made()).toContain('GET /v1/search/media?q=sun+from%3Ame&count=24');
    expect(server.made().some((r) => r.includes('/users/search?q=sun+from'))).toBe(false);
  });

  it('says what failed, and asks again', async () => {
    let fail = true;
    site((url) => (fail && url.startsWith('/v1/tags/search') ? refusal(503, 'APIError', 'the tags are away') : undefined));
    renderApp(<SearchPage />, { path: '/search?q=ada&tab=tags' });
    await screen.findByText('The tags are away');
    fail = false;
    fireEvent.click(screen.getByRole('button', { name: en['action.retry'] }));
    await screen.findByRole('link', { name: /#adabeach/ });
  });

  it('walks through the results by arrows', async () => {
    site();
    renderApp(<SearchPage />, { path: '/search?q=ada&tab=people' });
    const person = await screen.findByRole('link', { name: /^ada ?Ada$/ });
    box().focus();
    fireEvent.keyDown(box(), { key: 'ArrowDown' });
    expect(document.activeElement).toBe(person);
    fireEvent.keyDown(person, { key: 'ArrowUp' });
    expect(document.activeElement).toBe(box());
  });

  it('keeps what was looked for on the device, and forgets it with a way back', async () => {
    site();
    const view = renderApp(<SearchPage />, { path: '/search?q=ada' });
    fireEvent.click(await screen.findByRole('link', { name: /#adabeach/ }));
    view.unmount();
    renderApp(<SearchPage />, { path: '/search' });
    expect(screen.getByRole('link', { name: 'ada' }).getAttribute('href')).toBe('/search?q=ada');
    fireEvent.click(screen.getByRole('button', { name: said.en['search.forgetAll'] }));
    expect(localStorage.getItem(`tintype.searches.${me.id}`)).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: said.en['search.undo'] }));
    fireEvent.click(screen.getByRole('button', { name: 'Forget “ada”' }));
    expect(screen.queryByText(said.en['search.recent'])).toBeNull();
  });
});
