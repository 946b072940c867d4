/** The words that are at hand. Those of the first pages are there from the start; each further part of the app brings its own. */
export type Locale = 'en' | 'zh-CN';

const catalogues: Record<Locale, Record<string, string>> = { en: {}, 'zh-CN': {} };

/** The text of a message, or undefined if its words are not loaded. English stands in for a language that is not. */
export function wordsOf(locale: Locale, key: string): string | undefined {
  return catalogues[locale][key] ?? catalogues.en[key];
}

export function addLocale(locale: Locale, words: Readonly<Record<string, string>>): void {
  Object.assign(catalogues[locale], words);
}

/**
 * Puts the words of a part of the app beside the others, in every language, and gives them back. A part's messages.ts
 * calls it, and every file that says one of these words imports that messages.ts, so that they come in the same chunk.
 */
export function addWords<K extends string>(words: { en: Readonly<Record<K, string>>; zh: Readonly<Record<K, string>> }): typeof words {
  addLocale('en', words.en);
  addLocale('zh-CN', words.zh);
  return words;
}
