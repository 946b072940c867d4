import { describe, expect, it } from 'vitest';
import { argumentNames, format, parse, type Part } from './icu';
import { en } from './messages/en';
import { zh } from './messages/zh';

/** The words of every part of the app that is loaded later, by the path of its messages.ts. */
const later = import.meta.glob<{ words: { en: Record<string, string>; zh: Record<string, string> } }>('../**/messages.ts', { eager: true });
const first = { path: './messages', words: { en: en as Record<string, string>, zh: zh as Record<string, string> } };
const areas = [first, ...Object.entries(later).map(([path, m]) => ({ path, words: m.words }))];

const all = (language: 'en' | 'zh') => Object.fromEntries(areas.flatMap((a) => Object.entries(a.words[language])));
const english = all('en');
const chinese = all('zh');
const catalogues = [
  { locale: 'en', words: english },
  { locale: 'zh-CN', words: chinese },
];
const names = Object.keys(english);
const sources = import.meta.glob<string>(['../**/*.{ts,tsx}', '!../**/*.test.*', '!../**/messages.ts', '!./**'], { eager: true, query: '?raw', import: 'default' });
/** Every text in quotes that has a dot in it, and what begins a template of that kind. */
const quoted = /['`]([\w.]+)(?:['`]|\$\{)/g;

const text = (message: string, args: Record<string, string | number>, locale = 'en') => format<string>(parse(message), args, locale).join('');

describe('the catalogues', () => {
  it('have the same keys', () => {
    expect(areas.length).toBeGreaterThan(9);
    for (const { path, words } of areas) expect(Object.keys(words.zh).sort(), path).toEqual(Object.keys(words.en).sort());
    expect(names.length).toBeGreaterThan(200);
  });

  it('have the same arguments in every message', () => {
    const differing = names.filter((key) => argumentNames(parse(english[key]!)).join() !== argumentNames(parse(chinese[key]!)).join());
    expect(differing).toEqual([]);
  });

  it('give no key twice', () => {
    const keys = areas.flatMap((a) => Object.keys(a.words.en));
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
  });

  it('come with every file that says their words', () => {
    const missing: string[] = [];
    for (const [path, source] of Object.entries(sources)) {
      for (const area of areas.slice(1)) {
        const keys = Object.keys(area.words.en);
        const said = [...source.matchAll(quoted)].map((m) => m[1]!).find((q) => q.includes('.') && keys.some((key) => key === q || (q.endsWith('.') && key.startsWith(q))));
        if (said === undefined) continue;
        const imports = [...source.matchAll(/(?:import|from) '(\.[^']*messages)';/g)].map((m) => new URL(`${m[1]}.ts`, `file:///src/i18n/${path}`).pathname);
        if (!imports.includes(new URL(area.path, 'file:///src/i18n/').pathname)) missing.push(`${path} says ${said} without importing ${area.path}`);
      }
    }
    expect(missing).toEqual([]);
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
    const untranslated = names.filter((key) => /[a-z]{4}/i.test(english[key]!.replace(/\{[^{}]*\}/g, '')) && !/\p{sc=Han}/u.test(chinese[key]!));
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
