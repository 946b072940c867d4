import type { UsedHour } from '../../api/types';

/** A bar of the graph: what was called from `time` (epoch seconds) on. */
export interface Bucket {
  time: number;
  calls: number;
  refused: number;
}

/** Hours as bars; by whole days of the viewer's calendar where there are too many of them. */
export function buckets(hours: readonly UsedHour[], byDay: boolean): Bucket[] {
  const out: Bucket[] = [];
  for (const h of hours) {
    const time = byDay ? startOfDay(Number(h.time)) : Number(h.time);
    const last = out.at(-1);
    if (last?.time === time) {
      last.calls += h.calls;
      last.refused += h.refused;
    } else {
      out.push({ time, calls: h.calls, refused: h.refused });
    }
  }
  return out;
}

function startOfDay(seconds: number): number {
  const d = new Date(seconds * 1000);
  d.setHours(0, 0, 0, 0);
  return d.getTime() / 1000;
}

/** The least of 1, 2, 4, 6 and 8 times a power of ten that is not below n: the top of an axis, and its half is round, too. */
export function niceTop(n: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, n)));
  return [1, 2, 4, 6, 8, 10].map((x) => x * power).find((x) => x >= n) ?? n;
}
