/** Draws a photo as edited onto a canvas: geometry by the canvas, grading by a worker, the newest wish first. */
import { draw, fit, geometry, type Geometry, type Size } from './geometry';
import { grade } from './grade';
import type { GradeReply, GradeRequest } from './grade.worker';
import type { Recipe } from './recipe';

/** An upright picture to edit, at most a couple of thousand pixels a side. */
export interface Source {
  image: CanvasImageSource & Size;
  width: number;
  height: number;
}

export interface View {
  source: Source;
  recipe: Recipe | null;
  /** Show the whole frame instead of the crop. */
  whole: boolean;
  /** Pixels of the canvas. */
  size: Size;
}

/** The part of the geometry that is on view. */
export function viewOf(g: Geometry, whole: boolean): Size {
  return whole ? g.frame : { width: g.width, height: g.height };
}

/** The picture as geometry leaves it, ungraded; undefined where there is no canvas. */
export function drawn(v: View): ImageData | undefined {
  const canvas = document.createElement('canvas');
  canvas.width = v.size.width;
  canvas.height = v.size.height;
  const ctx = canvas.getContext('2d', { willReadFrequently: true });
  if (!ctx) return undefined;
  draw(ctx, v.source.image, geometry(v.recipe, v.source.width, v.source.height), v.size, v.whole);
  return ctx.getImageData(0, 0, v.size.width, v.size.height);
}

/** Draws and grades at once, on this thread: for small pictures. */
export function drawSmall(canvas: HTMLCanvasElement, source: Source, recipe: Recipe | null, side: number): void {
  const g = geometry(recipe, source.width, source.height);
  const k = Math.min(1, side / Math.min(g.width, g.height));
  const size = { width: Math.max(1, Math.round(g.width * k)), height: Math.max(1, Math.round(g.height * k)) };
  const image = drawn({ source, recipe, whole: false, size });
  if (!image) return;
  grade(recipe, image.data, size.width, size.height, 4);
  put(canvas, image);
}

export function put(canvas: HTMLCanvasElement, image: ImageData): void {
  if (canvas.width !== image.width) canvas.width = image.width;
  if (canvas.height !== image.height) canvas.height = image.height;
  canvas.getContext('2d')?.putImageData(image, 0, 0);
}

/** The most pixels a preview has across; no rendition has more. */
export const previewWidth = 1080;

/** The canvas pixels for a view shown in a box of CSS pixels, and the CSS size it has there. */
export function sizeIn(box: Size, view: Size, density: number): { css: Size; pixels: Size } {
  const k = Math.min(box.width / view.width, box.height / view.height);
  const css = { width: Math.max(1, Math.round(view.width * k)), height: Math.max(1, Math.round(view.height * k)) };
  const dense = { width: Math.round(css.width * density), height: Math.round(css.height * density) };
  return { css, pixels: fit(dense, previewWidth) };
}

export class Preview {
  private wanted: View | null = null;
  private running = false;
  private base: { key: string; source: Source; image: ImageData } | null = null;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  show(view: View): void {
    this.wanted = view;
    if (!this.running) void this.run();
  }

  stop(): void {
    this.wanted = null;
    this.base = null;
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let v = this.wanted; v; v = this.wanted) {
      this.wanted = null;
      const base = this.baseOf(v);
      if (!base) continue;
      const { width, height } = v.size;
      const pixels = v.recipe ? await gradeApart(v.recipe, base.data.slice(), width, height) : base.data;
      put(this.canvas, new ImageData(pixels, width, height));
    }
    this.running = false;
  }

  private baseOf(v: View): ImageData | undefined {
    const { rotate, flip, straighten, crop } = v.recipe ?? {};
    const key = JSON.stringify([rotate, flip, straighten, v.whole || crop, v.size.width, v.size.height]);
    if (this.base?.key !== key || this.base.source !== v.source) {
      const image = drawn(v);
      this.base = image ? { key, source: v.source, image } : null;
    }
    return this.base?.image;
  }
}

type Waiting = (pixels: Uint8ClampedArray<ArrayBuffer>) => void;

let worker: Worker | null | undefined;
let lastId = 0;
const waiting = new Map<number, { request: GradeRequest; done: Waiting }>();

/** Grades in the worker, and here if there is none. The pixels are given away. */
function gradeApart(recipe: Recipe, pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number): Promise<Uint8ClampedArray<ArrayBuffer>> {
  if (worker === undefined) worker = startWorker();
  const at = worker;
  if (!at) {
    grade(recipe, pixels, width, height, 4);
    return Promise.resolve(pixels);
  }
  return new Promise((done) => {
    const request: GradeRequest = { id: ++lastId, recipe, pixels, width, height };
    waiting.set(request.id, { request: { ...request, pixels: pixels.slice() }, done });
    at.postMessage(request, [pixels.buffer]);
  });
}

function startWorker(): Worker | null {
  try {
    const w = new Worker(new URL('./grade.worker.ts', import.meta.url), { type: 'module' });
    w.onmessage = ({ data }: MessageEvent<GradeReply>) => {
      waiting.get(data.id)?.done(data.pixels);
      waiting.delete(data.id);
    };
    // Refused by a policy, or failed to load: do the waiting work here, and all that follows.
    w.onerror = () => {
      worker = null;
      for (const [id, { request: r, done }] of waiting) {
        grade(r.recipe, r.pixels, r.width, r.height, 4);
        done(r.pixels);
        waiting.delete(id);
      }
    };
    return w;
  } catch {
    return null;
  }
}
