import { useEffect, useId, useRef, type KeyboardEvent } from 'react';
import { useT } from '../i18n';
import { IconButton } from '../ui/Button';
import { Icon } from '../ui/Icon';
import type { Action, Draft, Photo } from './draft';
import { reveal } from '../edit/reveal';
import { Thumb } from './Thumb';
import { useReorder } from './useReorder';
import { Badge, stateText } from './UploadBadge';
import css from './compose.module.css';
import './messages';

interface Props {
  draft: Draft;
  most: number;
  dispatch: (a: Action) => void;
  onRemove: (p: Photo) => void;
  onAdd: () => void;
}

/** The photos in their order. Arrow keys choose, Alt with an arrow key moves, Delete removes. */
export function Filmstrip({ draft, most, dispatch, onRemove, onAdd }: Props) {
  const t = useT();
  const hint = useId();
  const row = useRef<HTMLOListElement>(null);
  const follow = useRef(false);
  const { photos, selected } = draft;
  const at = photos.findIndex((p) => p.key === selected);
  const reorder = useReorder(row, photos.map((p) => p.key), (key, to) => dispatch({ type: 'move', key, to }));

  useEffect(() => {
    const button = row.current?.querySelector<HTMLElement>('[aria-current="true"]');
    if (row.current && button) reveal(row.current, button);
    if (follow.current) button?.focus({ preventScroll: true });
    follow.current = false;
  }, [selected, at]);

  const shift = (by: number) => {
    const p = photos[at];
    if (p && at + by >= 0 && at + by < photos.length) dispatch({ type: 'move', key: p.key, to: at + by });
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (by !== undefined) {
      e.preventDefault();
      follow.current = true;
      const next = photos[at + by];
      if (e.altKey) shift(by);
      else if (next) dispatch({ type: 'select', key: next.key });
    } else if ((e.key === 'Delete' || e.key === 'Backspace') && photos[at]) {
      e.preventDefault();
      follow.current = photos.length > 1;
      onRemove(photos[at]);
    }
  };

  return (
    <>
      <ol ref={row} className={css.film} aria-label={t('compose.photos')} {...reorder.list}>
        {photos.map((p, i) => (
          <li key={p.key} className={reorder.dragging === p.key ? css.dragged : undefined} {...reorder.item(p.key)}>
            <button
              type="button"
              className={css.frame}
              aria-current={p.key === selected ? 'true' : undefined}
              aria-label={`${t('compose.photo', { n: i + 1, of: photos.length })}, ${p.name}. ${stateText(t, p.upload)}`}
              aria-describedby={hint}
              tabIndex={p.key === selected ? 0 : -1}
              onClick={() => dispatch({ type: 'select', key: p.key })}
              onKeyDown={onKeyDown}
            >
              <Thumb photo={p} side={60} />
              <Badge upload={p.upload} />
              {photos.length > 1 && <span className={css.number}>{i + 1}</span>}
            </button>
          </li>
        ))}
        {photos.length < most && (
          <li>
            <button type="button" className={css.add} aria-label={t('compose.add')} title={t('compose.add')} onClick={onAdd}>
              <Icon name="plus" />
            </button>
          </li>
        )}
      </ol>
      <p id={hint} className="visually-hidden">
        {t('compose.strip.hint')}
      </p>
    </>
  );
}

/** What can be done with the photo that is chosen, as a whole. */
export function PhotoActions({ draft, dispatch, onRemove }: Pick<Props, 'draft' | 'dispatch' | 'onRemove'>) {
  const t = useT();
  const { photos, selected } = draft;
  const at = photos.findIndex((p) => p.key === selected);
  const current = photos[at];
  if (!current) return null;
  const shift = (by: number) => {
    if (at + by >= 0 && at + by < photos.length) dispatch({ type: 'move', key: current.key, to: at + by });
  };
  return (
    <div className={css.actions}>
      {photos.length > 1 && (
        <>
          <IconButton icon="left" size={20} label={t('compose.earlier')} aria-disabled={at === 0} onClick={() => shift(-1)} />
          <span aria-live="polite" className={css.place}>
            <span className="visually-hidden">{t('compose.photo', { n: at + 1, of: photos.length })}</span>
            <span aria-hidden="true">{`${at + 1} / ${photos.length}`}</span>
          </span>
          <IconButton icon="right" size={20} label={t('compose.later')} aria-disabled={at === photos.length - 1} onClick={() => shift(1)} />
        </>
      )}
      <IconButton icon="trash" size={20} label={t('compose.remove', { name: current.name })} onClick={() => onRemove(current)} />
    </div>
  );
}
