/**
 * What is done to one photo, as it is sent and stored. The order is fixed: orient by EXIF, flip, rotate, straighten,
 * crop, resize, filter, adjustments, vignette, tilt-shift. internal/imaging/grade is the other side of this.
 */
import { filterNames } from './filters';

export interface Crop {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface TiltShift {
  mode: 'off' | 'radial' | 'linear';
  /** The centre, in fractions of the cropped picture. */
  x?: number;
  y?: number;
  /** Radius of the sharp disc, or half the sharp band, in halves of the shorter side. */
  size?: number;
  /** Of a linear band, in degrees clockwise from level. */
  angle?: number;
}

export interface Recipe {
  /** Degrees clockwise: 0, 90, 180 or 270. */
  rotate?: number;
  flip?: boolean;
  straighten?: number;
  /** In fractions of the picture after flip, rotate and straighten. */
  crop?: Crop | null;
  filter?: string;
  strength?: number;
  brightness?: number;
  contrast?: number;
  warmth?: number;
  saturation?: number;
  vignette?: number;
  tilt_shift?: TiltShift | null;
}

export const wholeCrop: Crop = { x: 0, y: 0, w: 1, h: 1 };
export const minCrop = 0.01;

/** v*steps as an integer, halves up. */
export function scaled(v: number, steps: number): number {
  return Math.floor(v * steps + 0.5);
}

function snap(name: string, v: number | undefined, fallback: number, min: number, max: number, steps: number): number {
  const value = v ?? fallback;
  if (!(value >= min && value <= max)) throw new RangeError(`${name} must be between ${min} and ${max}`);
  return scaled(value, steps) / steps || 0; // never minus zero
}

/**
 * The one form of all recipes that mean the same: rounded, with defaults filled in, null for no change. It is what the
 * server stores. Throws RangeError on what the server would refuse.
 */
export function canonical(recipe: Recipe | null): Recipe | null {
  if (!recipe) return null;
  const c: Recipe = {};
  const rotate = recipe.rotate ?? 0;
  if (![0, 90, 180, 270].includes(rotate)) throw new RangeError('rotate must be 0, 90, 180 or 270');
  if (rotate) c.rotate = rotate;
  if (recipe.flip) c.flip = true;
  put(c, 'straighten', snap('straighten', recipe.straighten, 0, -45, 45, 100));
  const crop = canonicalCrop(recipe.crop);
  if (crop) c.crop = crop;

  const strength = snap('strength', recipe.strength, 1, 0, 1, 1000);
  if (recipe.filter && recipe.filter !== 'Normal') {
    if (!filterNames.includes(recipe.filter)) throw new RangeError(`there is no filter named ${recipe.filter}`);
    if (strength > 0) Object.assign(c, { filter: recipe.filter, strength });
  }
  for (const name of ['brightness', 'contrast', 'warmth', 'saturation'] as const) {
    put(c, name, snap(name, recipe[name], 0, -1, 1, 1000));
  }
  put(c, 'vignette', snap('vignette', recipe.vignette, 0, 0, 1, 1000));
  const tilt = canonicalTilt(recipe.tilt_shift);
  if (tilt) c.tilt_shift = tilt;
  return Object.keys(c).length ? c : null;
}

function put(c: Recipe, name: 'straighten' | 'brightness' | 'contrast' | 'warmth' | 'saturation' | 'vignette', v: number): void {
  if (v !== 0) c[name] = v;
}

function canonicalCrop(crop: Crop | null | undefined): Crop | null {
  if (!crop) return null;
  const slack = 1e-4;
  const { x, y, w, h } = crop;
  if (![x, y, w, h].every(Number.isFinite) || w <= 0 || h <= 0) throw new RangeError('the crop is reversed or empty');
  if (x < -slack || y < -slack || x + w > 1 + slack || y + h > 1 + slack) throw new RangeError('the crop reaches outside the picture');
  if (w < minCrop - slack || h < minCrop - slack) throw new RangeError('the crop is too small');
  const step = (v: number) => scaled(v, 1e6) / 1e6;
  const left = step(Math.max(x, 0));
  const top = step(Math.max(y, 0));
  const c = { x: left, y: top, w: step(Math.min(w, 1 - left)), h: step(Math.min(h, 1 - top)) };
  return c.x === 0 && c.y === 0 && c.w === 1 && c.h === 1 ? null : c;
}

function canonicalTilt(tilt: TiltShift | null | undefined): Required<TiltShift> | null {
  if (!tilt || tilt.mode === 'off') return null;
  if (tilt.mode !== 'radial' && tilt.mode !== 'linear') throw new RangeError('tilt_shift.mode must be off, radial or linear');
  let angle = snap('tilt_shift.angle', tilt.angle, 0, -180, 180, 1);
  if (tilt.mode === 'radial') angle = 0;
  else if (angle > 90) angle -= 180;
  else if (angle <= -90) angle += 180;
  return {
    mode: tilt.mode,
    x: snap('tilt_shift.x', tilt.x, 0.5, 0, 1, 1000),
    y: snap('tilt_shift.y', tilt.y, 0.5, 0, 1, 1000),
    size: snap('tilt_shift.size', tilt.size, 0.5, 0, 1, 1000),
    angle,
  };
}

/** Whether two recipes mean the same. */
export function sameRecipe(a: Recipe | null, b: Recipe | null): boolean {
  return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
}

/** The shape and focus of one recipe with the filter and adjustments of another. */
export function withLook(shape: Recipe | null, look: Recipe): Recipe {
  const { rotate, flip, straighten, crop, tilt_shift } = shape ?? {};
  const { filter, strength, brightness, contrast, warmth, saturation, vignette } = look;
  const all = { rotate, flip, straighten, crop, tilt_shift, filter, strength, brightness, contrast, warmth, saturation, vignette };
  return Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined));
}
