import type { CSSProperties } from 'react';
import type { Position } from './types';

/** The most people in one picture. */
export const most = 20;

const within = (v: number) => Math.round(Math.min(1, Math.max(0, v)) * 1e4) / 1e4;

/** A position within the picture. */
export const clamp = ({ x, y }: Position): Position => ({ x: within(x), y: within(y) });

/** Where in a box a pointer is. */
export function at(box: { left: number; top: number; width: number; height: number }, pointer: { clientX: number; clientY: number }): Position {
  return clamp({ x: (pointer.clientX - box.left) / Math.max(1, box.width), y: (pointer.clientY - box.top) / Math.max(1, box.height) });
}

/** A position moved by an arrow key; further with Shift. undefined for any other key. */
export function moved(p: Position, key: string, far: boolean): Position | undefined {
  const by = far ? 0.1 : 0.02;
  switch (key) {
    case 'ArrowLeft':
      return clamp({ ...p, x: p.x - by });
    case 'ArrowRight':
      return clamp({ ...p, x: p.x + by });
    case 'ArrowUp':
      return clamp({ ...p, y: p.y - by });
    case 'ArrowDown':
      return clamp({ ...p, y: p.y + by });
    default:
      return undefined;
  }
}

/**
 * The style that puts a name at a position. The name hangs below its point, or stands above it near the lower edge, and
 * is shifted so that it stays within the picture: by all of its width at the right edge, by nothing at the left one.
 */
export function placed({ x, y }: Position): CSSProperties {
  return { left: `${x * 100}%`, top: `${y * 100}%`, translate: `${-x * 100}% ${y > 0.8 ? '-100%' : '0'}` };
}
