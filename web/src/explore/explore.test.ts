import { describe, expect, it } from 'vitest';
import type { Media } from '../api/types';
import { reasonText } from '../graph/useSuggestions';
import type { T } from '../i18n';
import { tagsOf } from './tagsOf';

const posts = (...tags: string[][]) => tags.map((t) => ({ tags: t }) as Media);

describe('tags of popular posts', () => {
  it('are those of at least two, the most frequent first', () => {
    expect(tagsOf(posts(['sea', 'film'], ['film', 'film'], ['sea', 'film'], ['once', 'once'], []), 5)).toEqual(['film', 'sea']);
    expect(tagsOf(posts(['sea', 'film'], ['film', 'sea'], ['film']), 1)).toEqual(['film']);
    expect(tagsOf([], 5)).toEqual([]);
  });
});

describe('reasons', () => {
  const t = ((key: string, args?: object) => `${key} ${JSON.stringify(args ?? {})}`) as unknown as T;
  const by = (names: string[], count: number) => reasonText(t, { kind: 'followed_by', names, count });

  it('name up to two people and count the others', () => {
    expect(by(['ana'], 1)).toBe('suggest.byOne {"a":"ana"}');
    expect(by(['ana'], 3)).toBe('suggest.byOneMore {"a":"ana","rest":2}');
    expect(by(['ana', 'bo'], 2)).toBe('suggest.byTwo {"a":"ana","b":"bo"}');
    expect(by(['ana', 'bo'], 3)).toBe('suggest.byTwoMore {"a":"ana","b":"bo","rest":1}');
    expect(by([], 3)).toBe('suggest.byCount {"count":3}');
  });

  it('name a tag', () => {
    expect(reasonText(t, { kind: 'tag', names: ['film'], count: 0 })).toBe('suggest.tag {"name":"film"}');
    expect(reasonText(t, { kind: 'popular', names: [], count: 0 })).toBe('suggest.popular {}');
    expect(reasonText(t, { kind: 'new', names: [], count: 0 })).toBe('suggest.new {}');
  });
});
