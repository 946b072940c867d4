import { Fragment } from 'react';
import { Link } from 'wouter';
import { tagPath } from '../tags/path';

// As the server finds whom to tell: after anything but a letter, digit, "_", "&" or "/", or right after a
// script that is written without spaces; the name is the whole word.
const mention = /(^|[^\p{L}\p{N}_&/]|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}])([@＠])([\p{L}\p{M}\p{N}_.\u200c\u200d]+)/gu;
// The same for tags: a run of letters, marks, digits and "_" that is not of digits alone.
const hashtag = /[#＃]([\p{L}\p{M}\p{N}_\u200c\u200d]+)/gu;
const opensTag = /(^|[^\p{L}\p{N}_&/]|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}])$/u;
const longestTag = 100;
const username = /^[A-Za-z0-9._]{1,30}$/;
// Chinese and Japanese punctuation ends an address as a space does.
const url = /\bhttps?:\/\/[^\s<>"'\u3000-\u303f\uff01-\uff0f\uff1a-\uff1f\u2018-\u201d]+[^\s<>"'.,;:!?)\]}\u3000-\u303f\uff01-\uff0f\uff1a-\uff1f\u2018-\u201d]/g;

/** What people write, with @mentions, #tags and links made to work. Everything else stays text. */
export function RichText({ text }: { text: string }) {
  const out: React.ReactNode[] = [];
  let at = 0;
  for (const piece of pieces(text)) {
    out.push(text.slice(at, piece.start));
    out.push(
      piece.kind !== 'url' ? (
        <Link href={piece.kind === 'user' ? `/${piece.value}` : tagPath(piece.value)}>{text.slice(piece.start, piece.end)}</Link>
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
  kind: 'user' | 'tag' | 'url';
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
    const value = (m[3] ?? '').replace(/\.+$/, '');
    const end = start + 1 + value.length;
    if (username.test(value) && !found.some((p) => start < p.end && end > p.start)) found.push({ kind: 'user', value, start, end });
  }
  for (const m of text.matchAll(hashtag)) {
    const word = m[1] ?? '';
    const [start, end] = [m.index, m.index + 1 + word.length];
    // As it is written: the server folds it, by rules that differ from those here for some letters.
    const value = word.replace(/^[\u200c\u200d]+|[\u200c\u200d]+$/g, '');
    const free = opensTag.test(text.slice(Math.max(0, start - 2), start)) && !found.some((p) => start < p.end && end > p.start);
    if (free && value !== '' && [...value].length <= longestTag && !/^\p{N}+$/u.test(value)) found.push({ kind: 'tag', value, start, end });
  }
  return found.sort((a, b) => a.start - b.start);
}
