import { useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { geometry, type Size } from './geometry';
import { Preview, sizeIn, viewOf, type Source } from './preview';
import type { Recipe } from './recipe';
import css from './editor.module.css';

interface Props {
  source: Source;
  recipe: Recipe | null;
  /** Show the whole frame instead of the crop. */
  whole?: boolean;
  label: string;
  /** Lies exactly on the picture. */
  children?: ReactNode;
}

const margin = 18;

/** The photo as edited, as large as fits. */
export function PhotoCanvas({ source, recipe, whole = false, label, children }: Props) {
  const room = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const preview = useRef<Preview>(null);
  const box = useBox(room);

  const { css: shown, pixels } = useMemo(() => {
    const view = viewOf(geometry(recipe, source.width, source.height), whole);
    // Handles at the picture's edge need room to be grasped.
    const inner = whole ? { width: Math.max(1, box.width - 2 * margin), height: Math.max(1, box.height - 2 * margin) } : box;
    return sizeIn(inner, view, Math.min(window.devicePixelRatio || 1, 3));
  }, [box, recipe, source, whole]);

  useEffect(() => {
    if (!canvas.current || box.width === 0) return;
    preview.current ??= new Preview(canvas.current);
    preview.current.show({ source, recipe, whole, size: pixels });
  }, [source, recipe, whole, pixels, box]);

  useEffect(
    () => () => {
      preview.current?.stop();
      preview.current = null;
    },
    [],
  );

  return (
    <div ref={room} className={css.room}>
      <div className={css.plate} style={shown}>
        {/* A picture, not a control, whatever canvases can be. */}
        {/* eslint-disable-next-line jsx-a11y/no-interactive-element-to-noninteractive-role */}
        <canvas ref={canvas} role="img" aria-label={label} className={css.canvas} />
        {children}
      </div>
    </div>
  );
}

function useBox(ref: React.RefObject<HTMLElement | null>): Size {
  const [box, set] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element;
      set((old) => (old.width === width && old.height === height ? old : { width, height }));
    };
    measure();
    if (typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return box;
}
