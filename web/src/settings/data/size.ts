import type { T } from '../../i18n';
import './messages';

/** How much a number of bytes is, for people: three digits at most, decimal units as file managers have them. */
export function size(t: T, bytes: number): string {
  if (bytes >= 1e9) return t('data.bytes.gb', { n: short(bytes / 1e9) });
  if (bytes >= 1e6) return t('data.bytes.mb', { n: short(bytes / 1e6) });
  return t('data.bytes.kb', { n: Math.max(1, Math.round(bytes / 1e3)) });
}

function short(n: number): string {
  return n >= 10 ? String(Math.round(n)) : n.toFixed(1);
}
