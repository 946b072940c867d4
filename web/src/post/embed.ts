import type { Media } from '../api/types';
import { postPath } from './path';

/** How wide an embed is unless the page around it says otherwise, and how much of it is not picture. */
const WIDTH = 400;
const AROUND = 220;

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** HTML for another site's page that shows a post there. It needs no script. */
export function embedCode(media: Media, origin: string, title: string): string {
  const { width, height } = media.renditions[0] ?? { width: 1, height: 1 };
  const tall = Math.round((WIDTH * height) / width) + AROUND;
  const safe = title.replace(/[&<>"']/g, (c) => escapes[c]!);
  return `<iframe src="${origin}${postPath(media)}/embed" title="${safe}" width="${WIDTH}" height="${tall}" loading="lazy" style="border:0;max-width:100%"></iframe>`;
}

/** Whether everybody may see a post: the addresses of pictures of private ones are signed. */
export function forEverybody(media: Media): boolean {
  return !media.renditions.some((r) => r.url.includes('?'));
}
