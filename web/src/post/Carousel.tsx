import { lazy, Suspense, useRef, useState, type KeyboardEvent } from 'react';
import type { MediaItem } from '../api/types';
import { useT } from '../i18n';
import { IconButton } from '../ui/Button';
import { Picture } from './Picture';

const People = lazy(() => import('../inphoto/People'));

interface Props {
  /** The post's ID, for those who are in its pictures. */
  post: string;
  items: readonly MediaItem[];
  sizes: string;
  priority?: boolean;
  /** Told which slide is shown. */
  onIndex?: (index: number) => void;
}

/** An album: swiped, scrolled, stepped by arrows or keys, with a dot per picture. One picture is shown plainly. */
export function Carousel({ post, items, sizes, priority = false, onIndex }: Props) {
  const t = useT();
  const track = useRef<HTMLDivElement>(null);
  const [index, setIndex] = useState(0);
  const first = items[0];
  if (!first) return null;
  const people = (m: MediaItem) =>
    m.users_in_photo && m.users_in_photo.length > 0 ? (
      <Suspense>
        <People media={m} post={post} />
      </Suspense>
    ) : null;
  if (items.length === 1) {
    return (
      <Picture media={first} sizes={sizes} priority={priority}>
        {people(first)}
      </Picture>
    );
  }

  const go = (to: number) => {
    const el = track.current;
    if (!el) return;
    const next = Math.max(0, Math.min(items.length - 1, to));
    const smooth = !matchMedia('(prefers-reduced-motion: reduce)').matches;
    el.scrollTo({ left: next * el.clientWidth, behavior: smooth ? 'smooth' : 'instant' });
  };
  const onScroll = () => {
    const el = track.current;
    if (!el || el.clientWidth === 0) return;
    const now = Math.round(el.scrollLeft / el.clientWidth);
    if (now !== index) {
      setIndex(now);
      onIndex?.(now);
    }
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (e.key !== 'ArrowRight' && e.key !== 'ArrowLeft') return;
    e.preventDefault();
    go(index + (e.key === 'ArrowRight' ? 1 : -1));
  };

  return (
    <div className="carousel" role="group" aria-roledescription={t('carousel.role')} aria-label={t('carousel.label', { count: items.length })}>
      {/* A scroller must take the focus for the keyboard to scroll it; the arrow keys step from slide to slide. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions */}
      <div className="carousel__track" ref={track} tabIndex={0} role="group" aria-label={t('carousel.slides')} onScroll={onScroll} onKeyDown={onKeyDown}>
        {items.map((m, i) => (
          <div key={m.images.standard_resolution.url} className="carousel__slide" role="group" aria-roledescription={t('carousel.slide')}
            aria-label={t('carousel.position', { n: i + 1, count: items.length })} aria-hidden={i !== index || undefined}>
            {Math.abs(i - index) <= 2 ? (
              <Picture media={m} sizes={sizes} priority={priority && i === 0}>
                {i === index && people(m)}
              </Picture>
            ) : null}
          </div>
        ))}
      </div>
      {index > 0 && <IconButton className="carousel__arrow carousel__arrow--prev" icon="left" label={t('carousel.previous')} onClick={() => go(index - 1)} />}
      {index < items.length - 1 && <IconButton className="carousel__arrow carousel__arrow--next" icon="right" label={t('carousel.next')} onClick={() => go(index + 1)} />}
      <span className="carousel__count" aria-hidden="true">
        {index + 1}/{items.length}
      </span>
      <span className="visually-hidden" aria-live="polite">
        {t('carousel.position', { n: index + 1, count: items.length })}
      </span>
    </div>
  );
}

/** The row of dots under an album. */
export function Dots({ count, index }: { count: number; index: number }) {
  if (count < 2) return null;
  return (
    <span className="dots" aria-hidden="true">
      {Array.from({ length: count }, (_, i) => (
        <span key={i} className={i === index ? 'dots__dot dots__dot--on' : Math.abs(i - index) > 3 ? 'dots__dot dots__dot--far' : 'dots__dot'} />
      ))}
    </span>
  );
}
