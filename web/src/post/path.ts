import type { Media } from '../api/types';

/** The post's short code: said by the server, or read from its link. */
export function shortcodeOf(m: Pick<Media, 'link' | 'shortcode'>): string {
  return m.shortcode ?? /\/p\/([\w-]+)/.exec(m.link)?.[1] ?? '';
}

/** The post's page on this site. */
export function postPath(m: Pick<Media, 'link' | 'shortcode'>): string {
  return `/p/${shortcodeOf(m)}`;
}
