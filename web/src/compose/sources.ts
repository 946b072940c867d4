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
  try {
    return await inTurn(() => fetched(url, side));
  } catch {
    return null;
  }
}

const unreadable = new WeakSet<File>();
const kept = new WeakMap<File, Map<number, Source>>();

function useLoaded(photo: Photo | undefined, side: number): Loaded {
  const file = photo?.file ?? null;
  // While the file itself will do, the end of its upload changes nothing.
  const url = photo && (!file || unreadable.has(file)) ? uploadOf(photo)?.url : undefined;
  const ready = file ? kept.get(file)?.get(side) : undefined;
  const [state, set] = useState<{ of: string | undefined; source: Loaded }>({ of: undefined, source: undefined });
  const key = photo?.key;

  useEffect(() => {
    if (key === undefined || ready) return;
    let here = true;
    void load(file, url, side).then((source) => {
      if (!here) return;
      if (file && source && side === small) kept.set(file, (kept.get(file) ?? new Map<number, Source>()).set(side, source));
      set({ of: key, source });
    });
    return () => {
      here = false;
    };
  }, [key, file, url, side, ready]);

  return ready ?? (state.of === key ? state.source : undefined);
}

export const useSource = (photo: Photo | undefined) => useLoaded(photo, large);
export const useThumbnail = (photo: Photo) => useLoaded(photo, small);
