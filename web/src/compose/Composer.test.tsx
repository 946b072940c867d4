import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { useReducer } from 'react';
import { describe, expect, it, vi } from 'vitest';
import { I18nProvider } from '../i18n';
import { Caption } from './Caption';
import { emptyDraft, reduce, type Draft } from './draft';
import { Filmstrip, PhotoActions } from './Filmstrip';
import * as server from './send';

function start(): Draft {
  const photos = ['a', 'b', 'c'].map((key) => ({ key, file: new File(['x'], `${key}.jpg`, { type: 'image/jpeg' }) }));
  return reduce(emptyDraft, { type: 'add', photos });
}

function Strip() {
  const [draft, dispatch] = useReducer(reduce, null, start);
  const props = { draft, dispatch, most: 4, onAdd: () => undefined, onRemove: (p: { key: string }) => dispatch({ type: 'remove', key: p.key }) };
  return (
    <I18nProvider initial="en">
      <main>
        <h1>New post</h1>
        <Filmstrip {...props} />
        <PhotoActions {...props} />
      </main>
    </I18nProvider>
  );
}

const names = () => within(screen.getByRole('list')).getAllByRole('button').map((b) => /(\w)\.jpg/.exec(b.getAttribute('aria-label') ?? '')?.[1] ?? '+').join('');
const current = () => /(\w)\.jpg/.exec(document.querySelector('[aria-current]')?.getAttribute('aria-label') ?? '')?.[1];

describe('the strip of photos', () => {
  it('is chosen from, reordered and thinned by keys, and keeps the focus', async () => {
    const user = userEvent.setup();
    render(<Strip />);
    await user.click(screen.getByRole('button', { name: /^Photo 1.*a\.jpg/ }));
    await user.keyboard('{ArrowRight}');
    expect(current()).toBe('b');
    expect(document.activeElement?.getAttribute('aria-label')).toContain('b.jpg');
    await user.keyboard('{Alt>}{ArrowRight}{/Alt}');
    expect(names()).toBe('acb+');
    await user.keyboard('{Delete}');
    expect(names()).toBe('ac+');
    expect(current()).toBe('c');
    expect(document.activeElement?.getAttribute('aria-current')).toBe('true');
  });

  it('is reordered by buttons', async () => {
    const user = userEvent.setup();
    render(<Strip />);
    await user.click(screen.getByRole('button', { name: 'Move this photo later' }));
    expect(names()).toBe('bac+');
    expect(screen.getByText('2 / 3')).toBeTruthy();
  });

  it('has nothing that axe objects to', async () => {
    const { container } = render(<Strip />);
    const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations).toEqual([]);
  });
});

describe('the caption', () => {
  function Text() {
    const [value, set] = useReducer((_: string, v: string) => v, '');
    return (
      <I18nProvider initial="en">
        <Caption value={value} limit={2200} onChange={set} />
      </I18nProvider>
    );
  }
  const person = (id: string, username: string) => ({ id, username, full_name: '', profile_picture: '/a.svg' });

  it('completes a mention by keys', async () => {
    const find = vi.spyOn(server, 'findUsers').mockResolvedValue([person('1', 'mara'), person('2', 'marco')]);
    const user = userEvent.setup();
    render(<Text />);
    const area = screen.getByRole<HTMLTextAreaElement>('textbox');
    await user.type(area, 'with @ma');
    expect(await screen.findAllByRole('option')).toHaveLength(2);
    expect(find.mock.calls.at(-1)?.[0]).toBe('ma');
    await user.keyboard('{ArrowDown}{Enter}');
    expect(area.value).toBe('with @marco ');
    expect(screen.queryByRole('listbox')).toBeNull();
  });

  it('completes a tag by keys and by hand, with counts', async () => {
    const find = vi.spyOn(server, 'findTags').mockResolvedValue([
      { name: '日落', media_count: 12 },
      { name: '日出', media_count: 1 },
    ]);
    const user = userEvent.setup();
    const { container } = render(<Text />);
    const area = screen.getByRole<HTMLTextAreaElement>('textbox');
    await user.type(area, '看＃日');
    expect((await screen.findAllByRole('option')).map((o) => o.textContent)).toEqual(['#日落12 posts', '#日出1 post']);
    expect(screen.getByRole('listbox').getAttribute('aria-label')).toBe('Tags that begin like this');
    expect(area.getAttribute('aria-activedescendant')).toBe(screen.getAllByRole('option')[0]!.id);
    expect(find.mock.calls.at(-1)?.[0]).toBe('日');
    const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations).toEqual([]);
    await user.keyboard('{ArrowDown}{Tab}');
    expect(area.value).toBe('看＃日出 ');
    await user.type(area, '#日');
    await user.click(await screen.findByRole('option', { name: /日落/ }));
    expect(area.value).toBe('看＃日出 #日落 ');
  });

  it('leaves Enter alone when nobody is offered', async () => {
    vi.spyOn(server, 'findUsers').mockResolvedValue([]);
    const user = userEvent.setup();
    render(<Text />);
    const area = screen.getByRole<HTMLTextAreaElement>('textbox');
    await user.type(area, 'one{Enter}two');
    expect(area.value).toBe('one\ntwo');
  });
});
