/** Pictures to edit from files, and from the server's preview where the browser cannot read the file (HEIC, some AVIF). */
import { useEffect, useState } from 'react';
import type { Source } from '../edit/preview';
import { uploadOf, type Photo } from './draft';

/** Enough for a preview of 1080 pixels of half the picture. */
const large = 2048;
/** For the strip of photos. */
const small = 256;

/** undefined while loading; null if it cannot be shown (yet). */
export type Loaded = Source | null | undefined;

/** One picture at a time is decoded: a phone's memory holds one of 50 megapixels, not twenty. */
let last: Promise<unknown> = Promise.resolve();
function inTurn<V>(act: () => Promise<V>): Promise<V> {
  const mine = last.then(act, act);
  last = mine.catch(() => undefined);
  return mine;
}

async function decode(blob: Blob, side: number): Promise<Source> {
  const bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image' });
  const k = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * k));
  canvas.height = Math.max(1, Math.round(bitmap.height * k));
  const ctx = canvas.getContext('2d');
  if (!ctx) throw new Error('no canvas');
  ctx.imageSmoothingQuality = 'high';
  ctx.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return { image: canvas, width: canvas.width, height: canvas.height };
}

async function fetched(url: string, side: number): Promise<Source> {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`preview: ${response.status}`);
  return decode(await response.blob(), side);
}

async function load(file: File | null, url: string | undefined, side: number): Promise<Source | null> {
  if (file) {
    try {
      return await inTurn(() => decode(file, side));
    } catch {
      unreadable.add(file); // not a format of this browser's: the server's preview, when there is one
    }
  }
  if (!url) return null;
  // The site may be away for a moment: it said a moment ago that the preview is there.
  for (const pause of [1000, 4000, 10_000, 0]) {
    try {
      return await inTurn(() => fetched(url, side));
    } catch {
      if (pause > 0) await new Promise((again) => setTimeout(again, pause));
    }
  }
  return null;
}

const unreadable = new WeakSet<File>();

/** The newest of what was decoded, by photo. */
class Kept {
  private readonly all = new Map<string, Source>();
  constructor(private readonly most: number) {}
  get(key: string): Source | undefined {
    return this.all.get(key);
  }
  put(key: string, source: Source): void {
    this.all.delete(key);
    this.all.set(key, source);
    for (const oldest of this.all.keys()) {
      if (this.all.size <= this.most) return;
      this.all.delete(oldest);
    }
  }
}

const keptLarge = new Kept(3);
const keptSmall = new Kept(60);

function useLoaded(photo: Photo | undefined, side: number, kept: Kept): Loaded {
  const file = photo?.file ?? null;
  // While the file itself will do, the end of its upload changes nothing.
  const url = photo && (!file || unreadable.has(file)) ? uploadOf(photo)?.url : undefined;
  const key = photo?.key;
  const [state, set] = useState<{ of: string | undefined; source: Loaded }>({ of: undefined, source: undefined });
  const ready = state.of === key ? state.source : undefined;
  const at = ready ?? (key === undefined ? undefined : kept.get(key));

  useEffect(() => {
    if (key === undefined || at) return;
    let here = true;
    void load(file, url, side).then((source) => {
      if (source) kept.put(key, source);
      if (here) set({ of: key, source });
    });
    return () => {
      here = false;
    };
  }, [key, file, url, side, kept, at]);

  return at ?? ready;
}

/** For the editor; a small picture stands in until the large one is there. */
export function useSource(photo: Photo | undefined): Loaded {
  const source = useLoaded(photo, large, keptLarge);
  return source ?? (photo && keptSmall.get(photo.key)) ?? source;
}

export const useThumbnail = (photo: Photo) => useLoaded(photo, small, keptSmall);
