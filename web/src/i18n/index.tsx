/**
 * Two languages from one typed catalogue: en says which keys exist, zh must have them all. The words of the first pages are
 * in messages/; every part of the app that is loaded later has a messages.ts of its own.
 */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { format, parse, type Part } from './icu';
import type { ActivityKey } from '../activity/messages';
import type { AdminKey } from '../admin/messages';
import type { LettersKey } from '../auth/letters/messages';
import type { ProviderKey } from '../auth/provider/messages';
import type { ArchiveKey } from '../archive/messages';
import type { CollectKey } from '../collect/messages';
import type { ComposeKey } from '../compose/messages';
import type { ExploreKey } from '../explore/messages';
import type { InPhotoKey } from '../inphoto/messages';
import type { FriendsKey } from '../friends/messages';
import type { MapsKey } from '../maps/messages';
import type { ModerateKey } from '../moderate/messages';
import type { OAuthKey } from '../oauth/messages';
import type { PhotosKey } from '../photos/messages';
import type { PlacesKey } from '../places/messages';
import type { PostKey } from '../post/messages';
import type { SafetyKey } from '../safety/messages';
import type { SearchKey } from '../search/messages';
import type { AppsKey } from '../settings/apps/messages';
import type { PasskeysKey } from '../settings/passkeys/messages';
import type { DataKey } from '../settings/data/messages';
import type { IdentitiesKey } from '../settings/identities/messages';
import type { EmailKey } from '../settings/email/messages';
import type { SettingsKey } from '../settings/messages';
import type { StorageKey } from '../storage/messages';
import { en, type FirstKey } from './messages/en';
import { addLocale, wordsOf, type Locale } from './words';

export type { Locale };
export type MessageKey =
  | FirstKey
  | ActivityKey
  | AdminKey
  | ArchiveKey
  | AppsKey
  | CollectKey
  | ComposeKey
  | DataKey
  | EmailKey
  | ExploreKey
  | LettersKey
  | IdentitiesKey
  | InPhotoKey
  | FriendsKey
  | MapsKey
  | ModerateKey
  | OAuthKey
  | PasskeysKey
  | PhotosKey
  | PlacesKey
  | PostKey
  | ProviderKey
  | SafetyKey
  | SearchKey
  | SettingsKey
  | StorageKey;

export const locales: readonly { code: Locale; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'zh-CN', name: '简体中文' },
];

type Args = Readonly<Record<string, string | number>>;
type RichArgs = Readonly<Record<string, ReactNode>>;

/** Gives the text of a message. */
export type T = (key: MessageKey, args?: Args) => string;

interface I18n {
  locale: Locale;
  t: T;
  rich: (key: MessageKey, args: RichArgs) => ReactNode[];
  setLocale: (l: Locale) => void;
}

const storageKey = 'tintype.locale';
addLocale('en', en);

/** Loads a language; resolves when its words are at hand. The Chinese words of the first pages are a chunk of their own. */
export async function loadLocale(locale: Locale): Promise<void> {
  if (locale === 'zh-CN') addLocale(locale, (await import('./messages/zh')).zh);
}

export function toLocale(tag: string | null | undefined): Locale | undefined {
  if (tag?.toLowerCase().startsWith('zh')) return 'zh-CN';
  if (tag?.toLowerCase().startsWith('en')) return 'en';
  return undefined;
}

/** What was chosen here before, else the first language of the browser that we speak. */
export function detectLocale(): Locale {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(storageKey);
  } catch {
    // Storage is switched off.
  }
  return toLocale(stored) ?? navigator.languages.map(toLocale).find((l) => l !== undefined) ?? 'en';
}

/** Whether a language was chosen on this device. */
export function localeChosen(): boolean {
  try {
    return localStorage.getItem(storageKey) !== null;
  } catch {
    return false;
  }
}

const parsed = new Map<string, readonly Part[]>();
function parts(message: string): readonly Part[] {
  let p = parsed.get(message);
  if (!p) parsed.set(message, (p = parse(message)));
  return p;
}

const Context = createContext<I18n | null>(null);

/** Expects the words of `initial` to be loaded. */
export function I18nProvider({ initial, children }: { initial: Locale; children: ReactNode }) {
  const [locale, set] = useState(initial);
  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  const setLocale = useCallback((l: Locale) => {
    try {
      localStorage.setItem(storageKey, l);
    } catch {
      // Then it holds until the page is closed.
    }
    void loadLocale(l).then(() => set(l));
  }, []);
  const value = useMemo<I18n>(() => {
    const words = (key: MessageKey) => parts(wordsOf(locale, key) ?? key);
    return {
      locale,
      setLocale,
      t: (key, args = {}) => format<string>(words(key), args, locale).join(''),
      rich: (key, args) => format<ReactNode>(words(key), args, locale),
    };
  }, [locale, setLocale]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useI18n(): I18n {
  const value = useContext(Context);
  if (!value) throw new Error('useI18n outside I18nProvider');
  return value;
}

/** The function that gives a message's text: t('post.likes', { count: 3 }). */
export function useT(): T {
  return useI18n().t;
}
