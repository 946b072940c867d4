import { decode, isBlurhashValid } from 'blurhash';

const cache = new Map<string, string>();

/** A tiny blurred picture as a data: URL, or undefined for a hash that is none. Aspect is width / height. */
export function blurhashUrl(hash: string, aspect: number): string | undefined {
  const w = aspect >= 1 ? 32 : Math.max(8, Math.round(32 * aspect));
  const h = aspect >= 1 ? Math.max(8, Math.round(32 / aspect)) : 32;
  const key = `${hash} ${w}x${h}`;
  const known = cache.get(key);
  if (known) return known;
  if (!isBlurhashValid(hash).result) return undefined;
  const canvas = document.createElement('canvas');
  canvas.width = w;
  canvas.height = h;
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  const image = context.createImageData(w, h);
  image.data.set(decode(hash, w, h));
  context.putImageData(image, 0, 0);
  const url = canvas.toDataURL('image/png');
  if (cache.size > 500) cache.clear();
  cache.set(key, url);
  return url;
}
