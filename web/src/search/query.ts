/** What one may look for. */
export const kinds = ['people', 'tags', 'places', 'photos'] as const;
export type Kind = (typeof kinds)[number];
export type Tab = 'top' | Kind;
export const tabs: readonly Tab[] = ['top', ...kinds];

export function toTab(s: string | null): Tab {
  return tabs.find((t) => t === s) ?? 'top';
}

/** A question, taken apart as the server does. */
export interface Asked {
  /** As it was written, without space around it; photos are asked for with all of it. */
  q: string;
  /** The words without operators and signs: what people, tags and places are called. */
  name: string;
  /** Whose photos alone are meant: a username, "me", or null. */
  from: string | null;
  /** What the question can be about; the first tab shows these. */
  kinds: readonly Kind[];
}

// Input methods for Chinese write a wide colon and a wide @.
const operator = /^from[:：][@＠]?(.*)$/i;

export function ask(written: string): Asked {
  const q = written.trim();
  const parts = q.split(/\s+/).filter(Boolean);
  const from = parts.flatMap((p) => operator.exec(p)?.[1] ?? []).at(-1) || null;
  const rest = parts.filter((p) => !operator.test(p)).join(' ');
  const sign = /^[#＃]/.test(rest) ? '#' : /^[@＠]/.test(rest) ? '@' : '';
  const name = rest.replace(/^[@＠#＃]+/, '');
  const about: readonly Kind[] = from !== null ? ['photos'] : sign === '#' ? ['tags', 'photos'] : sign === '@' ? ['people'] : kinds;
  return { q, name, from, kinds: q === '' ? [] : about };
}

/** The question about the photos of one person, or with null of everybody. */
export function withFrom(q: string, who: string | null): string {
  const rest = q.split(/\s+/).filter((p) => p !== '' && !operator.test(p));
  return [...rest, ...(who === null ? [] : [`from:${who}`])].join(' ');
}

export function searchPath(q: string, tab: Tab = 'top'): string {
  const params = new URLSearchParams();
  if (q !== '') params.set('q', q);
  if (tab !== 'top') params.set('tab', tab);
  return params.size > 0 ? `/search?${params}` : '/search';
}
