import { Fragment } from 'react';
import { Link } from 'wouter';

const mention = /(^|[^\p{L}\p{N}_@/])@([A-Za-z0-9._]{1,30})/gu;
const url = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]}]/g;

/** What people write, with @mentions and links made to work. Everything else stays text. */
export function RichText({ text }: { text: string }) {
  const out: React.ReactNode[] = [];
  let at = 0;
  for (const piece of pieces(text)) {
    out.push(text.slice(at, piece.start));
    out.push(
      piece.kind === 'user' ? (
        <Link href={`/${piece.value}`}>@{piece.value}</Link>
      ) : (
        <a href={piece.value} rel="nofollow noopener ugc" target="_blank">
          {piece.value.replace(/^https?:\/\//, '')}
        </a>
      ),
    );
    at = piece.end;
  }
  out.push(text.slice(at));
  return (
    <span className="rich">
      {out.map((node, i) => (
        <Fragment key={i}>{node}</Fragment>
      ))}
    </span>
  );
}

export interface Piece {
  kind: 'user' | 'url';
  value: string;
  start: number;
  end: number;
}

/** The links in a text, in order, none inside another. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  for (const m of text.matchAll(url)) found.push({ kind: 'url', value: m[0], start: m.index, end: m.index + m[0].length });
  for (const m of text.matchAll(mention)) {
    const start = m.index + (m[1]?.length ?? 0);
    const value = (m[2] ?? '').replace(/\.+$/, '');
    const end = start + 1 + value.length;
    if (value !== '' && !found.some((p) => start < p.end && end > p.start)) found.push({ kind: 'user', value, start, end });
  }
  return found.sort((a, b) => a.start - b.start);
}
