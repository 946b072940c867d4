import { describe, expect, it } from 'vitest';
// What the Go side wrote: go test ./internal/imaging/grade -update.
import file from '../../../internal/imaging/grade/testdata/vectors.json';
import { fit, geometry } from './geometry';
import { grade } from './grade';
import { canonical, type Recipe } from './recipe';

interface Vectors {
  pictures: { name: string; width: number; height: number; bands: number; pixels: string }[];
  grades: { picture: string; recipe: Recipe | null; pixels: string }[];
  recipes: { sent: Recipe | null; canonical: Recipe | null; error: boolean }[];
  geometries: {
    recipe: Recipe;
    width: number;
    height: number;
    geometry: { FrameWidth: number; FrameHeight: number; TurnedWidth: number; TurnedHeight: number; X: number; Y: number; Width: number; Height: number };
    fit: [number, number];
  }[];
}

const vectors = file as unknown as Vectors;
const bytes = (base64: string) => Uint8ClampedArray.from(atob(base64), (c) => c.charCodeAt(0));

describe('the same arithmetic as the server', () => {
  it.each(vectors.grades.map((g) => [g.picture, JSON.stringify(g.recipe), g] as const))('%s graded with %s', (_name, _recipe, g) => {
    const p = vectors.pictures.find((x) => x.name === g.picture)!;
    const pix = bytes(p.pixels);
    grade(canonical(g.recipe), pix, p.width, p.height, p.bands);
    const want = bytes(g.pixels);
    // Not one step of 255 apart. Compared by hand: a failure names the pixel instead of printing both pictures.
    const off = want.findIndex((v, i) => v !== pix[i]);
    expect(off === -1 ? 'equal' : `byte ${off} is ${pix[off]}, want ${want[off]}`).toBe('equal');
  });

  it.each(vectors.recipes.map((r) => [JSON.stringify(r.sent), r] as const))('the canonical form of %s', (_sent, r) => {
    if (r.error) expect(() => canonical(r.sent)).toThrow(RangeError);
    else expect(canonical(r.sent)).toEqual(r.canonical);
  });

  it.each(vectors.geometries.map((g) => [JSON.stringify(g.recipe), g.width, g.height, g] as const))('the geometry of %s on %i × %i', (_r, w, h, v) => {
    const g = geometry(canonical(v.recipe), w, h);
    const want = v.geometry;
    expect([g.x, g.y, g.width, g.height, g.turned.width, g.turned.height]).toEqual([
      want.X, want.Y, want.Width, want.Height, want.TurnedWidth, want.TurnedHeight,
    ]);
    expect(g.frame.width).toBeCloseTo(want.FrameWidth, 6);
    expect(g.frame.height).toBeCloseTo(want.FrameHeight, 6);
    const f = fit(g, 1080);
    expect([f.width, f.height]).toEqual(v.fit);
  });
});
