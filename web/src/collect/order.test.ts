import { describe, expect, it } from 'vitest';
import { moved } from './order';

describe('moved', () => {
  const list = ['a', 'b', 'c', 'd'];
  it.each([
    ['forwards', 0, 2, 'bcad'],
    ['backwards', 3, 1, 'adbc'],
    ['to the end', 1, 3, 'acdb'],
    ['nowhere', 2, 2, 'abcd'],
    ['before the beginning', 0, -1, 'abcd'],
    ['behind the end', 3, 4, 'abcd'],
    ['what is not there', 9, 1, 'abcd'],
  ])('moves an item %s', (_, from, to, want) => {
    expect(moved(list, from, to).join('')).toBe(want);
    expect(list.join('')).toBe('abcd');
  });
});
