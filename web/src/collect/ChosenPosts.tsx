import { useEffect, useId, useRef, type KeyboardEvent } from 'react';
import type { Media } from '../api/types';
import { useReorder } from '../compose/useReorder';
import { reveal } from '../edit/reveal';
import { useT } from '../i18n';
import { IconButton } from '../ui/Button';
import { moved } from './order';
import './messages';

interface Props {
  posts: readonly Media[];
  selected: string | null;
  cover: string;
  onSelect: (id: string | null) => void;
  onOrder: (posts: readonly Media[]) => void;
  onCover: (id: string) => void;
}

/** The posts of an album in their order, to be dragged, or moved by keys and buttons. */
export function ChosenPosts({ posts, selected, cover, onSelect, onOrder, onCover }: Props) {
  const t = useT();
  const hint = useId();
  const row = useRef<HTMLOListElement>(null);
  const follow = useRef(false);
  const at = Math.max(0, posts.findIndex((p) => p.id === selected));
  const current = posts[at];
  const place = (id: string) => posts.findIndex((p) => p.id === id);
  const reorder = useReorder(row, posts.map((p) => p.id), (id, to) => onOrder(moved(posts, place(id), to)));

  useEffect(() => {
    const button = row.current?.querySelector<HTMLElement>('[aria-current="true"]');
    if (row.current && button) reveal(row.current, button);
    if (follow.current) button?.focus({ preventScroll: true });
    follow.current = false;
  }, [selected, at]);

  if (!current) return <p className="field__hint">{t('album.chosenNone')}</p>;
  const take = () => {
    onSelect((posts[at + 1] ?? posts[at - 1])?.id ?? null);
    onOrder(posts.filter((p) => p !== current));
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (by !== undefined) {
      e.preventDefault();
      follow.current = true;
      const next = posts[at + by];
      if (e.altKey) onOrder(moved(posts, at, at + by));
      else if (next) onSelect(next.id);
      if (e.altKey) onSelect(current.id);
    } else if (e.key === 'Delete' || e.key === 'Backspace') {
      e.preventDefault();
      follow.current = true;
      take();
    }
  };
  return (
    <>
      <ol ref={row} className="chosen" aria-label={t('album.chosen')} {...reorder.list}>
        {posts.map((p, i) => (
          <li key={p.id} className={reorder.dragging === p.id ? 'chosen__dragged' : undefined} {...reorder.item(p.id)}>
            <button type="button" aria-current={p === current ? 'true' : undefined} aria-describedby={hint} tabIndex={p === current ? 0 : -1}
              aria-label={t('album.nth', { n: i + 1, of: posts.length, alt: p.alt_text || p.caption?.text.slice(0, 60) || t('photo.noAlt') })}
              onClick={() => onSelect(p.id)} onKeyDown={onKeyDown}>
              <img src={p.images.thumbnail.url} alt="" width={72} height={72} draggable={false} />
            </button>
          </li>
        ))}
      </ol>
      <p id={hint} className="visually-hidden">
        {t('album.chosenHint')}
      </p>
      <div className="chosen__tools">
        <IconButton icon="up" size={20} label={t('album.first')} aria-disabled={at === 0} onClick={() => onOrder(moved(posts, at, 0))} />
        <IconButton icon="left" size={20} label={t('album.earlier')} aria-disabled={at === 0} onClick={() => onOrder(moved(posts, at, at - 1))} />
        <span aria-live="polite">{`${at + 1} / ${posts.length}`}</span>
        <IconButton icon="right" size={20} label={t('album.later')} aria-disabled={at === posts.length - 1} onClick={() => onOrder(moved(posts, at, at + 1))} />
        <IconButton icon="camera" size={20} className={cover === current.id ? 'chosen__cover' : ''} aria-pressed={cover === current.id}
          label={t(cover === current.id ? 'album.coverIs' : 'album.cover')} onClick={() => onCover(cover === current.id ? '' : current.id)} />
        <IconButton icon="trash" size={20} label={t('album.take')} onClick={take} />
      </div>
    </>
  );
}
