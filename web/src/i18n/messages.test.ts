import { describe, expect, it } from 'vitest';
import { messages as compose } from '../compose/messages';
import { argumentNames, format, parse, type Part } from './icu';
import { en } from './messages/en';
import { zh } from './messages/zh';

const catalogues = [
  { locale: 'en', words: en as Record<string, string> },
  { locale: 'zh-CN', words: zh as Record<string, string> },
];
const names = Object.keys(en) as (keyof typeof en)[];
const text = (message: string, args: Record<string, string | number>, locale = 'en') => format<string>(parse(message), args, locale).join('');

describe('the catalogues', () => {
  it('have the same keys', () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
    expect(names.length).toBeGreaterThan(200);
  });

  it('have the same arguments in every message', () => {
    const differing = names.filter((key) => argumentNames(parse(en[key])).join() !== argumentNames(parse(zh[key])).join());
    expect(differing).toEqual([]);
  });

  it('do not take words of the composer for others', () => {
    for (const words of [compose.en, compose.zh]) expect(Object.keys(words).filter((key) => !key.startsWith('compose.'))).toEqual([]);
  });

  const counts = [0, 1, 2, 5];
  for (const { locale, words } of catalogues) {
    it.each(counts)(`say every message in ${locale} for a count of %i`, (n) => {
      for (const [key, message] of Object.entries(words)) {
        const parts = parse(message);
        const args = Object.fromEntries(argumentNames(parts).map((name) => [name, n]));
        const said = format<string>(parts, args, locale).join('');
        expect(said.trim(), key).not.toBe('');
        expect(said, key).not.toMatch(/[{}]|#(?!\d)|undefined|NaN/); // '#' stands before the name of a tag
      }
    });

    it(`have the plural cases that ${locale} needs, and no others`, () => {
      const needed = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
      const check = (parts: readonly Part[], key: string): void => {
        for (const part of parts) {
          if (typeof part === 'string' || !('plural' in part)) continue;
          const cases = Object.keys(part.cases).filter((c) => !c.startsWith('='));
          expect(cases.sort(), key).toEqual([...needed].sort());
          Object.values(part.cases).forEach((inner) => check(inner, key));
        }
      };
      for (const [key, message] of Object.entries(words)) check(parse(message), key);
    });
  }

  it('hold Chinese where Chinese is meant', () => {
    const untranslated = names.filter((key) => /[a-z]{4}/i.test(en[key].replace(/\{[^{}]*\}/g, '')) && !/\p{sc=Han}/u.test(zh[key]));
    // A name, and names of filters, may stay as they are.
    expect(untranslated.filter((key) => key !== 'app.name' && !key.startsWith('compose.filter.'))).toEqual([]);
  });
});

describe('messages', () => {
  const likes = '{count, plural, =0 {No likes} one {# like} other {# likes}}';
  it.each([
    { message: likes, args: { count: 0 }, want: 'No likes' },
    { message: likes, args: { count: 1 }, want: '1 like' },
    { message: likes, args: { count: 12345 }, want: '12,345 likes' },
    { message: 'a {x} b {n, number}', args: { x: '{y}', n: 1000 }, want: 'a {y} b 1,000' },
    { message: '{n, plural, other {by {who}}}', args: { n: 2, who: 'ada' }, want: 'by ada' },
    { message: '#1', args: {}, want: '#1' },
  ])('$message → $want', ({ message, args, want }) => {
    expect(text(message, args as Record<string, string | number>)).toBe(want);
  });

  it.each(['{', '}', 'a {b', '{n, plural, one {x}}', '{n, plural, other {x}', '{n, date}', '{}'])('refuse %s', (message) => {
    expect(() => parse(message)).toThrow();
  });
});
