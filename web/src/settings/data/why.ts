import type { T } from '../../i18n';
import type { Reason } from './api';
import { words, type DataKey } from './messages';

/** Says reasons in the reader's language; one whose code this page does not know, in the words that came with it. */
export function why(t: T, reasons: readonly Reason[]): string {
  return reasons
    .map((r) => {
      const key = `data.why.${r.code}`;
      return known(key) ? t(key, { number: r.number ?? 0, year: String(r.number ?? ''), text: r.text ?? '' }) : r.message;
    })
    .join(' · ');
}

/** What an item is called: lists of people have the names of their files. */
export function titleOf(t: T, title: string): string {
  const key = `data.list.${title}`;
  return known(key) ? t(key) : title;
}

const known = (key: string): key is DataKey => Object.hasOwn(words.en, key);
