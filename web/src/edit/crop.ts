/** Moving and resizing a crop rectangle, all in fractions of the frame. */
import type { Crop } from './recipe';

/** Which edges a handle moves: -1 the left or top, 1 the right or bottom, 0 neither. */
export interface Handle {
  x: -1 | 0 | 1;
  y: -1 | 0 | 1;
}

export const handles: readonly Handle[] = [
  { x: -1, y: -1 }, { x: 0, y: -1 }, { x: 1, y: -1 }, { x: 1, y: 0 },
  { x: 1, y: 1 }, { x: 0, y: 1 }, { x: -1, y: 1 }, { x: -1, y: 0 },
];

/** Smaller than this a crop is hard to grasp again. */
const least = 0.08;

const hold = (v: number, min: number, max: number) => Math.min(Math.max(v, min), Math.max(min, max));

export function moveCrop(c: Crop, dx: number, dy: number): Crop {
  return { ...c, x: hold(c.x + dx, 0, 1 - c.w), y: hold(c.y + dy, 0, 1 - c.h) };
}

/** Moves the handle's edges. k keeps width:height at that ratio of fractions; null lets it go. */
export function resizeCrop(c: Crop, handle: Handle, dx: number, dy: number, k: number | null): Crop {
  if (k === null) {
    const [x, w] = resizeSide(c.x, c.w, handle.x, dx);
    const [y, h] = resizeSide(c.y, c.h, handle.y, dy);
    return { x, y, w, h };
  }
  const byWidth = c.w + handle.x * dx;
  const byHeight = (c.h + handle.y * dy) * k;
  const wish = handle.x === 0 ? byHeight : handle.y === 0 ? byWidth : Math.max(byWidth, byHeight);
  const w = hold(wish, Math.max(least, least * k), Math.min(room(c.x, c.w, handle.x), room(c.y, c.h, handle.y) * k));
  const h = w / k;
  return { x: anchor(c.x, c.w, w, handle.x), y: anchor(c.y, c.h, h, handle.y), w, h };
}

function resizeSide(from: number, size: number, edge: -1 | 0 | 1, by: number): [number, number] {
  if (edge === 0) return [from, size];
  if (edge === 1) return [from, hold(size + by, least, 1 - from)];
  const start = hold(from + by, 0, from + size - least);
  return [start, from + size - start];
}

/** The most that a side can be without moving the edge, or the middle, that stays. */
function room(from: number, size: number, edge: -1 | 0 | 1): number {
  if (edge === 1) return 1 - from;
  if (edge === -1) return from + size;
  const middle = from + size / 2;
  return 2 * Math.min(middle, 1 - middle);
}

function anchor(from: number, size: number, now: number, edge: -1 | 0 | 1): number {
  const start = edge === 1 ? from : edge === -1 ? from + size - now : from + (size - now) / 2;
  return hold(start, 0, 1 - now);
}
