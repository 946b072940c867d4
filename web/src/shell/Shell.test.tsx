import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { takeHanded } from '../compose/GlobalDrop';
import { words as compose } from '../compose/messages';
import { me, renderApp } from '../test/app';
import { Shell } from './Shell';

const photo = new File(['x'], 'a.jpg', { type: 'image/jpeg' });
const unnamed = new File(['x'], 'b.heic', { type: '' }); // what browsers say of types they do not know
const notes = new File(['x'], 'c.txt', { type: 'text/plain' });
const carrying = (files: File[]) => ({ dataTransfer: { types: ['Files'], files, dropEffect: 'none' } });

const show = (over: Parameters<typeof renderApp>[1] = {}) => renderApp(<Shell>page</Shell>, { path: '/people', ...over });

/** The catcher comes as a chunk of its own: it is there once it shows that it would catch. */
async function catching() {
  await waitFor(() => {
    fireEvent.dragEnter(window, carrying([]));
    expect(screen.getByText(compose.en['compose.drop'])).toBeTruthy();
  });
}

beforeEach(() => {
  takeHanded();
  vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined);
});

describe('photos on any page', () => {
  it('open the composer when dropped', async () => {
    const view = show();
    await catching();
    fireEvent.drop(window, carrying([photo, notes, unnamed]));
    expect(view.path()).toBe('/new');
    expect(takeHanded()).toEqual([photo, unnamed]);
    expect(takeHanded()).toEqual([]);
    expect(screen.queryByText(compose.en['compose.drop'])).toBeNull();
  });

  it('open the composer when pasted, but not as the picture of a text', async () => {
    const view = show();
    await catching();
    fireEvent.paste(document.body, { clipboardData: { types: ['text/plain', 'Files'], files: [photo] } });
    expect(view.path()).toBe('/people');
    fireEvent.paste(document.body, { clipboardData: { types: ['Files'], files: [photo] } });
    expect(view.path()).toBe('/new');
    expect(takeHanded()).toEqual([photo]);
  });

  it('are needed: other files stay out, and do not replace the page', async () => {
    const view = show();
    await catching();
    expect(fireEvent.drop(window, carrying([notes]))).toBe(false);
    expect(view.path()).toBe('/people');
  });

  it.each([
    { name: 'by those who are not signed in', over: { self: null } },
    { name: 'twice where the composer does', over: { self: me, path: '/new' } },
    { name: 'twice where the composer does, by another name', over: { self: me, path: '/new/' } },
  ])('are not caught $name', async ({ over }) => {
    show(over);
    await import('../compose/GlobalDrop');
    await new Promise((done) => setTimeout(done, 0));
    fireEvent.dragEnter(window, carrying([]));
    fireEvent.drop(window, carrying([photo]));
    expect(screen.queryByText(compose.en['compose.drop'])).toBeNull();
    expect(takeHanded()).toEqual([]);
  });
});
