import { useEffect, useRef } from 'react';
import { drawSmall } from '../edit/preview';
import { Icon } from '../ui/Icon';
import type { Photo } from './draft';
import { useThumbnail } from './sources';
import css from './compose.module.css';

/** A photo as edited, small and square. Decorative: what holds it carries the name. */
export function Thumb({ photo, side }: { photo: Photo; side: number }) {
  const source = useThumbnail(photo);
  const canvas = useRef<HTMLCanvasElement>(null);
  const recipe = photo.edits.now;
  useEffect(() => {
    if (source && canvas.current) drawSmall(canvas.current, source, recipe, side * 2);
  }, [source, recipe, side]);
  return (
    <span className={css.thumb} style={{ width: side, height: side }}>
      {source === null && <Icon name="camera" size={Math.min(28, side / 2)} />}
      <canvas ref={canvas} aria-hidden="true" hidden={!source} />
    </span>
  );
}
