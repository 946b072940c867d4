import { describe, expect, it } from 'vitest';
import type { UserShort } from '../api/types';
import { at, clamp, moved, placed } from './position';
import { byPicture, sameTags, toRequest } from './tags';

const user = (id: string): UserShort => ({ id, username: `u${id}`, full_name: '', profile_picture: '' });
const box = { left: 100, top: 50, width: 200, height: 100 };

describe('positions', () => {
  it('are parts of the picture, and stay within it', () => {
    expect(at(box, { clientX: 150, clientY: 125 })).toEqual({ x: 0.25, y: 0.75 });
    expect(at(box, { clientX: 0, clientY: 1000 })).toEqual({ x: 0, y: 1 });
    expect(at({ ...box, width: 0 }, { clientX: 100, clientY: 50 })).toEqual({ x: 0, y: 0 });
    expect(clamp({ x: -1, y: 1 / 3 })).toEqual({ x: 0, y: 0.3333 });
  });

  it('move by arrow keys, further with Shift', () => {
    const middle = { x: 0.5, y: 0.5 };
    expect(moved(middle, 'ArrowLeft', false)).toEqual({ x: 0.48, y: 0.5 });
    expect(moved(middle, 'ArrowRight', true)).toEqual({ x: 0.6, y: 0.5 });
    expect(moved(middle, 'ArrowUp', false)).toEqual({ x: 0.5, y: 0.48 });
    expect(moved({ x: 0.5, y: 0.99 }, 'ArrowDown', false)).toEqual({ x: 0.5, y: 1 });
    expect(moved(middle, 'Enter', false)).toBeUndefined();
  });

  it('put names where they stay within the picture', () => {
    expect(placed({ x: 0, y: 0 })).toEqual({ left: '0%', top: '0%', translate: '0% 0' });
    expect(placed({ x: 1, y: 0.9 })).toEqual({ left: '100%', top: '90%', translate: '-100% -100%' });
  });
});

describe('tags', () => {
  const people = [
    { user: user('1'), position: { x: 0.1, y: 0.2 }, media: 0, status: 'shown' as const },
    { user: user('2'), position: { x: 0.3, y: 0.4 }, media: 2, status: 'waiting' as const },
  ];

  it('are told by picture, and go back as a request', () => {
    const pictures = byPicture(people, 3);
    expect(pictures).toEqual([[{ user: user('1'), position: { x: 0.1, y: 0.2 } }], [], [{ user: user('2'), position: { x: 0.3, y: 0.4 }, waiting: true }]]);
    expect(toRequest(pictures)).toEqual([
      { user_id: '1', media: 0, position: { x: 0.1, y: 0.2 } },
      { user_id: '2', media: 2, position: { x: 0.3, y: 0.4 } },
    ]);
  });

  it('are the same in any order, and others once one moves', () => {
    const a = toRequest(byPicture(people, 3));
    expect(sameTags(a, [...a].reverse())).toBe(true);
    expect(sameTags(a, a.slice(1))).toBe(false);
    expect(sameTags(a, a.map((p) => ({ ...p, position: { x: 0.1, y: 0.21 } })))).toBe(false);
  });
});
