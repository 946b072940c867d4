import { describe, expect, it } from 'vitest';
import type { Media } from '../api/types';
import { near } from './api';
import { line, shape } from './geometry';
import { boundsOf, union, wrap } from './view';

describe('bounds', () => {
  it('are wrapped at the antimeridian', () => {
    expect(wrap(190)).toBe(-170);
    expect(wrap(-190)).toBe(170);
    expect(wrap(180)).toBe(180);
    expect(boundsOf(170, -30, 190, 0)).toBe('170,-30,-170,0');
    expect(boundsOf(350, 10, 370, 20)).toBe('-10,10,10,20');
  });
  it('are the whole world where more than that is seen', () => {
    expect(boundsOf(-300, -95, 100, 95)).toBe('-180,-90,180,90');
  });
  it('of several hold all of them', () => {
    expect(union([[1, 2, 3, 4], [-1, 3, 2, 9]])).toEqual([-1, 2, 3, 9]);
    expect(union([])).toBeUndefined();
  });
});

/** What is drawn of a line in a tile, as commands. */
function drawn(degrees: number[][], view: { x: number; y: number; scale: number }): string[] {
  const out: string[] = [];
  const say = (c: string) => (x: number, y: number) => void out.push(`${c}${Math.round(x)},${Math.round(y)}`);
  shape({ moveTo: say('M'), lineTo: say('L'), closePath: () => void out.push('Z') }, line(degrees), { ...view, size: 256 }, true);
  return out;
}

describe('shapes', () => {
  const square = [[-90, 45], [90, 45], [90, -45], [-90, -45], [-90, 45]];
  it('are whole in a tile that has them', () => {
    expect(drawn(square, { x: 0, y: 0, scale: 1 })).toEqual(['M64,92', 'L192,92', 'L192,164', 'L64,164', 'L64,92', 'Z']);
  });
  it('are nothing in a tile far away', () => {
    expect(drawn(square, { x: 0, y: 0, scale: 16 })).toEqual([]);
  });
  it('that cross the antimeridian are drawn on both sides of it, and nowhere else', () => {
    const fiji = [[170, 10], [-170, 10], [-170, -10], [170, -10], [170, 10]];
    expect(drawn(fiji, { x: 1, y: 0, scale: 2 })[0]).toBe('M242,242');
    expect(drawn(fiji, { x: 0, y: 0, scale: 2 }).length).toBeGreaterThan(3);
    expect(drawn(fiji, { x: 1, y: 1, scale: 4 })).toEqual([]);
  });
  it('around a pole are closed beyond the edge of the map', () => {
    const ice = [[-180, -70], [-90, -70], [0, -70], [90, -70], [180, -70], [-180, -70]];
    const l = line(ice);
    expect([l.west, l.east, l.south]).toEqual([0, 1, 1.5]);
  });
  it('keep only the ends of what runs along beyond an edge', () => {
    const wave = [...Array.from({ length: 50 }, (_, i) => [100 + (i % 2), 50 - i]), [-10, 0]];
    const got = drawn(wave, { x: 1, y: 1, scale: 4 });
    expect(got.length).toBeLessThan(6);
    expect(got.at(-2)).toMatch(/^L/);
  });
});

describe('photos near a point', () => {
  const at = { latitude: 1, longitude: 2, metres: 500 };
  const week = 7 * 24 * 3600;
  const now = 100 * week;
  it('pass over weeks without any, and end after half a year', async () => {
    const asked: number[] = [];
    const old = { created_time: String(now - 3 * week - 5) } as Media;
    const find = (_: unknown, from: number, to: number) => {
      asked.push(to);
      expect(to - from).toBeLessThan(week);
      const t = Number(old.created_time);
      return Promise.resolve(t >= from && t <= to ? [old] : []);
    };
    const first = await near(at, now, null, find);
    expect(first.items).toEqual([old]);
    expect(asked).toEqual([now, now - week, now - 2 * week, now - 3 * week]);
    const second = await near(at, now, first.next, find);
    expect(second).toEqual({ items: [], next: null });
    expect(asked.length).toBe(26);
  });
});
