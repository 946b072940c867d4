import type { Expiry } from './types';

export type Until = 'day' | 'week' | 'month' | 'date' | 'never';

const day = 86_400;

/** When a link ends, in the words of the API. A date is good until its end, where the person is. */
export function expiry(until: Until, date: string): Expiry {
  switch (until) {
    case 'day':
      return { expires_in: day };
    case 'week':
      return { expires_in: 7 * day };
    case 'month':
      return { expires_in: 30 * day };
    case 'date':
      return { expires_time: Math.floor(new Date(`${date}T23:59:59`).getTime() / 1000) };
    case 'never':
      return { never_expires: true };
  }
}
