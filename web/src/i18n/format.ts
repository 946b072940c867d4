/** Dates and numbers for people, by Intl. Times of API v1 are strings of epoch seconds. */
import { useI18n } from './index';

const units: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['week', 604800],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
];

/** Short and relative within eight weeks ("3 hr. ago"), a date beyond. */
export function ago(epochSeconds: string, now: number, locale: string): string {
  const seconds = Number(epochSeconds);
  const past = Math.max(0, Math.floor(now / 1000 - seconds));
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  if (past < 60) return relative.format(0, 'second');
  if (past < 8 * 604800) {
    for (const [unit, size] of units) {
      if (past >= size) return relative.format(-Math.floor(past / size), unit);
    }
  }
  const date = new Date(seconds * 1000);
  const sameYear = new Date(now).getFullYear() === date.getFullYear();
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) }).format(date);
}

export function dateTime(epochSeconds: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' }).format(new Date(Number(epochSeconds) * 1000));
}

export function date(epochSeconds: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(Number(epochSeconds) * 1000));
}

/** 1,234 in full, 12.3K beyond ten thousand. */
export function compact(n: number, locale: string): string {
  return new Intl.NumberFormat(locale, n < 10_000 ? {} : { notation: 'compact', maximumFractionDigits: 1 }).format(n);
}

/** The instant as the ISO string that <time dateTime> wants. */
export function iso(epochSeconds: string): string {
  const ms = Number(epochSeconds) * 1000;
  return Number.isFinite(ms) ? new Date(ms).toISOString() : '';
}

export function useFormat() {
  const { locale } = useI18n();
  return {
    dateTime: (t: string) => dateTime(t, locale),
    date: (t: string) => date(t, locale),
    compact: (n: number) => compact(n, locale),
  };
}
