/** Where the picture of a recipe lies in an upright source; see internal/imaging/grade/geometry.go. */
import { wholeCrop, type Crop, type Recipe } from './recipe';

export interface Geometry {
  flip: boolean;
  /** Degrees clockwise: 0, 90, 180 or 270. */
  rotate: number;
  straighten: number;
  /** The size after flip and rotate. */
  turned: Size;
  /** The largest upright frame of the same shape in the straightened picture, centred. */
  frame: Size;
  /** The crop in whole pixels of the frame. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
}

const round = (v: number) => Math.floor(v + 0.5);

export function geometry(recipe: Recipe | null, w: number, h: number): Geometry {
  const { rotate = 0, flip = false, straighten = 0, crop } = recipe ?? {};
  const turned = rotate % 180 === 0 ? { width: w, height: h } : { width: h, height: w };
  const scale = inscribed(turned.width, turned.height, straighten);
  const frame = { width: turned.width * scale, height: turned.height * scale };
  const c = crop ?? wholeCrop;
  const [x, width] = span(c.x, c.w, frame.width);
  const [y, height] = span(c.y, c.h, frame.height);
  return { flip, rotate, straighten, turned, frame, x, y, width, height };
}

/** The size of the result at most maxWidth wide, never enlarged. */
export function fit(g: Size, maxWidth: number): Size {
  if (g.width <= maxWidth) return { width: g.width, height: g.height };
  return { width: maxWidth, height: Math.max(1, round((g.height * maxWidth) / g.width)) };
}

function inscribed(w: number, h: number, deg: number): number {
  if (deg === 0) return 1;
  const a = (Math.abs(deg) * Math.PI) / 180;
  const sin = Math.sin(a);
  const cos = Math.cos(a);
  return Math.min(w / (w * cos + h * sin), h / (w * sin + h * cos));
}

function span(x: number, w: number, side: number): [number, number] {
  const whole = Math.max(1, Math.floor(side + 1e-6));
  const from = Math.min(round(x * side), whole - 1);
  const to = Math.min(Math.max(round((x + w) * side), from + 1), whole);
  return [from, to - from];
}

/** Draws the cropped picture, or the whole frame, onto a canvas of that many pixels. */
export function draw(ctx: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D, source: CanvasImageSource & Size, g: Geometry, out: Size, whole = false): void {
  const view = whole ? { x: 0, y: 0, width: g.frame.width, height: g.frame.height } : g;
  const quarter = g.rotate % 180 !== 0;
  const [w, h] = quarter ? [g.turned.height, g.turned.width] : [g.turned.width, g.turned.height];
  ctx.setTransform(out.width / view.width, 0, 0, out.height / view.height, 0, 0);
  ctx.translate(g.frame.width / 2 - view.x, g.frame.height / 2 - view.y);
  ctx.rotate(((g.straighten + g.rotate) * Math.PI) / 180);
  if (g.flip) ctx.scale(-1, 1);
  ctx.imageSmoothingEnabled = true;
  ctx.imageSmoothingQuality = 'high';
  ctx.drawImage(source, -w / 2, -h / 2, w, h);
  ctx.setTransform(1, 0, 0, 1, 0, 0);
}

/** Turns what is seen a quarter clockwise; the crop keeps what it held. */
export function turn(r: Recipe): Recipe {
  const c = r.crop;
  return { ...r, rotate: ((r.rotate ?? 0) + 90) % 360, crop: c ? { x: 1 - c.y - c.h, y: c.x, w: c.h, h: c.w } : null };
}

/** Mirrors what is seen, left and right. A mirror before the turns is the opposite turns after it. */
export function mirror(r: Recipe): Recipe {
  const c = r.crop;
  return {
    ...r,
    flip: !r.flip,
    rotate: (360 - (r.rotate ?? 0)) % 360,
    straighten: -(r.straighten ?? 0),
    crop: c ? { ...c, x: 1 - c.x - c.w } : null,
  };
}

/** The largest crop of a width:height ratio around the middle of the one given; the frame's size gives the meaning of fractions. */
export function cropTo(ratio: number, frame: Size, around: Crop = wholeCrop): Crop {
  const k = (ratio * frame.height) / frame.width; // of fractions
  const w = Math.min(1, k);
  const h = Math.min(1, 1 / k);
  const cx = around.x + around.w / 2;
  const cy = around.y + around.h / 2;
  return { w, h, x: Math.min(Math.max(cx - w / 2, 0), 1 - w), y: Math.min(Math.max(cy - h / 2, 0), 1 - h) };
}
