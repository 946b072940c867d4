import { describe, expect, it } from 'vitest';
import { moveCrop, resizeCrop } from './crop';
import { cropTo, geometry, mirror, turn } from './geometry';
import { edit, noEdits, reset, rest, undo } from './history';
import { aspectOf, ratioOf } from './aspects';
import { sizeIn } from './preview';
import { canonical, sameRecipe, type Recipe } from './recipe';

/** Where a corner of the source, given from its middle, is seen; in fractions of the frame from its middle. */
function seen(r: Recipe, x: number, y: number): [number, number] {
  const px = r.flip ? -x : x;
  const a = ((r.rotate ?? 0) * Math.PI) / 180;
  return [px * Math.cos(a) - y * Math.sin(a), px * Math.sin(a) + y * Math.cos(a)].map((v) => Math.round(v * 1e6) / 1e6 + 0) as [number, number];
}

describe('turn and mirror', () => {
  const start: Recipe = { rotate: 90, flip: true, straighten: 5, crop: { x: 0.1, y: 0.2, w: 0.3, h: 0.4 } };

  it('turns what is seen a quarter clockwise', () => {
    const [x, y] = seen(start, 0.5, 0.25);
    expect(seen(turn(start), 0.5, 0.25)).toEqual([-y + 0, x]);
  });

  it('mirrors what is seen', () => {
    for (const rotate of [0, 90, 180, 270]) {
      const r = { ...start, rotate };
      const [x, y] = seen(r, 0.5, 0.25);
      expect(seen(mirror(r), 0.5, 0.25)).toEqual([-x + 0, y]);
    }
    expect(mirror(start).straighten).toBe(-5);
  });

  it('comes back after four turns, and after two mirrorings', () => {
    expect(sameRecipe(turn(turn(turn(turn(start)))), start)).toBe(true);
    expect(sameRecipe(mirror(mirror(start)), start)).toBe(true);
  });

  it('keeps what the crop holds', () => {
    expect(canonical(turn({ crop: { x: 0.1, y: 0.2, w: 0.3, h: 0.4 } }))?.crop).toEqual({ x: 0.4, y: 0.1, w: 0.4, h: 0.3 });
  });
});

describe('crop', () => {
  const crop = { x: 0.2, y: 0.2, w: 0.4, h: 0.4 };
  const inside = (c: typeof crop) => c.x >= -1e-9 && c.y >= -1e-9 && c.x + c.w <= 1 + 1e-9 && c.y + c.h <= 1 + 1e-9;

  it('moves within the picture', () => {
    expect(moveCrop(crop, 9, -9)).toEqual({ ...crop, x: 0.6, y: 0 });
  });

  it.each([
    ['left edge', { x: -1, y: 0 }, 0.1, 0, { x: 0.3, y: 0.2, w: 0.3, h: 0.4 }],
    ['bottom right corner', { x: 1, y: 1 }, 0.1, 0.2, { x: 0.2, y: 0.2, w: 0.5, h: 0.6 }],
    ['beyond the picture', { x: 1, y: 0 }, 5, 0, { x: 0.2, y: 0.2, w: 0.8, h: 0.4 }],
    ['through itself', { x: 1, y: 0 }, -5, 0, { x: 0.2, y: 0.2, w: 0.08, h: 0.4 }],
  ] as const)('freely by the %s', (_name, handle, dx, dy, want) => {
    const got = resizeCrop(crop, handle, dx, dy, null);
    for (const side of ['x', 'y', 'w', 'h'] as const) expect(got[side]).toBeCloseTo(want[side], 9);
  });

  it('keeps its shape and stays inside, whatever is pulled', () => {
    for (const k of [0.5, 1, 1.7]) {
      const from = { x: 0.3, y: 0.3, w: 0.2 * k, h: 0.2 };
      for (const x of [-1, 0, 1] as const) {
        for (const y of [-1, 0, 1] as const) {
          for (const by of [-2, -0.1, 0.05, 2]) {
            if (x === 0 && y === 0) continue;
            const got = resizeCrop(from, { x, y }, by, by / 2, k);
            expect(inside(got)).toBe(true);
            expect(got.w / got.h).toBeCloseTo(k, 6);
          }
        }
      }
    }
  });

  it('is the largest of a shape around the old middle', () => {
    expect(cropTo(1, { width: 400, height: 200 })).toEqual({ x: 0.25, y: 0, w: 0.5, h: 1 });
    expect(cropTo(1, { width: 400, height: 200 }, { x: 0.9, y: 0, w: 0.1, h: 1 })).toEqual({ x: 0.5, y: 0, w: 0.5, h: 1 });
  });

  it('recognises the shape it was held to', () => {
    const size = { width: 4000, height: 3000 };
    for (const a of ['1:1', '4:5', '16:9'] as const) {
      const crop = cropTo(ratioOf(a, size)!, size);
      expect(aspectOf(canonical({ crop }), size)).toBe(a);
    }
    expect(aspectOf(null, size)).toBe('original');
    expect(aspectOf({ crop: { x: 0, y: 0, w: 0.9, h: 0.2 } }, size)).toBe('free');
  });
});

describe('history', () => {
  it('makes one step of one gesture', () => {
    let e = edit(noEdits, { brightness: 0.1 }, 'brightness');
    e = edit(e, { brightness: 0.2 }, 'brightness');
    e = edit(rest(e), { brightness: 0.3 }, 'brightness');
    expect(e.past).toHaveLength(2);
    e = undo(e);
    expect(e.now).toEqual({ brightness: 0.2 });
    e = undo(undo(undo(e)));
    expect(e.now).toBeNull();
  });

  it('takes no step for no change, and can undo a reset', () => {
    const e = edit(noEdits, { filter: 'Silver' }, null);
    expect(edit(e, { filter: 'Silver', strength: 1, brightness: 0 }, null)).toBe(e);
    expect(undo(reset(e)).now).toEqual({ filter: 'Silver', strength: 1 });
  });
});

describe('preview size', () => {
  it('fills the box, and has no more pixels across than a rendition', () => {
    expect(sizeIn({ width: 360, height: 240 }, { width: 4000, height: 3000 }, 2)).toEqual({ css: { width: 320, height: 240 }, pixels: { width: 640, height: 480 } });
    expect(sizeIn({ width: 1000, height: 1000 }, { width: 100, height: 100 }, 3).pixels.width).toBe(1080);
  });

  it('is of the straightened frame when the whole is shown', () => {
    const g = geometry({ straighten: 10 }, 400, 300);
    expect(g.frame.width).toBeLessThan(400);
    expect(g.frame.width / g.frame.height).toBeCloseTo(4 / 3, 9);
  });
});
