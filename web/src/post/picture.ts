import type { Camera, MediaItem } from '../api/types';

/** Square renditions are cut; all others have the picture's own shape. */
function isSquare(r: { width: number; height: number }): boolean {
  return r.width === r.height;
}

/** The srcset of a picture in its own shape. */
export function trueSrcset(m: MediaItem): string {
  const square = Math.abs(m.width - m.height) <= 1;
  return srcset(m.renditions.filter((r) => square || !isSquare(r)));
}

/** The srcset of a picture cut square, for grids. */
export function squareSrcset(m: MediaItem): string {
  return srcset(m.renditions.filter(isSquare));
}

function srcset(list: readonly { url: string; width: number }[]): string {
  const widths = new Map(list.map((r) => [r.width, r.url]));
  return [...widths].sort(([a], [b]) => a - b).map(([w, url]) => `${url} ${w}w`).join(', ');
}

/** The largest rendition in the true shape. */
export function largest(m: MediaItem): string {
  const own = m.renditions.filter((r) => !isSquare(r) || Math.abs(m.width - m.height) <= 1);
  return own.reduce<{ url: string; width: number }>((a, b) => (b.width > a.width ? b : a), m.images.standard_resolution).url;
}

/** The shape of the box a post is shown in: the first picture's, but never a ribbon or a tower. */
export function boxAspect(m: { width: number; height: number }): number {
  const aspect = m.width > 0 && m.height > 0 ? m.width / m.height : 1;
  return Math.min(2, Math.max(0.75, aspect));
}

export function aspectOf(m: { width: number; height: number }): number {
  return m.width > 0 && m.height > 0 ? m.width / m.height : 1;
}

/** "Canon EOS R5 · 35 mm · f/2.8 · 1/250 s · ISO 200", or "" if nothing is known. */
export function cameraLine(c: Camera | null): string {
  if (!c) return '';
  const make = c.make && c.model && !c.model.toLowerCase().startsWith(c.make.toLowerCase()) ? `${c.make} ` : '';
  return [
    c.model ? make + c.model : c.make,
    c.lens,
    c.focal_length ? `${c.focal_length} mm` : '',
    c.aperture ? `ƒ/${c.aperture}` : '',
    c.exposure ? `${c.exposure} s` : '',
    c.iso ? `ISO ${c.iso}` : '',
  ].filter(Boolean).join(' · ');
}
