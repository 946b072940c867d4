import { expect, it } from 'vitest';
import { buckets, niceTop } from './buckets';

const hour = (time: number, calls: number, refused = 0) => ({ time: String(time), calls, refused });

it('keeps hours as they are, and adds them up by the days of the calendar', () => {
  const midnight = new Date(2026, 2, 5).getTime() / 1000;
  const hours = [hour(midnight - 3600, 1), hour(midnight, 2, 1), hour(midnight + 3600, 3), hour(midnight + 23 * 3600, 4, 2), hour(midnight + 24 * 3600, 5)];
  expect(buckets(hours, false)).toEqual(hours.map((h) => ({ ...h, time: Number(h.time) })));
  expect(buckets(hours, true)).toEqual([
    { time: new Date(2026, 2, 4).getTime() / 1000, calls: 1, refused: 0 },
    { time: midnight, calls: 9, refused: 3 },
    { time: new Date(2026, 2, 6).getTime() / 1000, calls: 5, refused: 0 },
  ]);
  expect(buckets([], true)).toEqual([]);
});

it('ends an axis at a round number', () => {
  expect([0, 1, 2, 3, 7, 10, 11, 48, 501, 5000, 5500].map(niceTop)).toEqual([1, 1, 2, 4, 8, 10, 20, 60, 600, 6000, 6000]);
});
