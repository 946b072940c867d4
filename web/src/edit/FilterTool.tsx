import { useEffect, useId, useMemo, useRef } from 'react';
import { useT, type MessageKey } from '../i18n';
import type { ToolProps } from './Editor';
import { filterNames } from './filters';
import { geometry } from './geometry';
import { grade } from './grade';
import { drawn, put, type Source } from './preview';
import { reveal } from './reveal';
import { Slider } from './Slider';
import css from './editor.module.css';
import '../compose/messages';

const side = 132; // pixels of a thumbnail: 66 at twice the density

/** The filters, each shown on the photo itself, and the strength of the one chosen. */
export function FilterTool({ source, recipe, change, onRest }: ToolProps & { source: Source }) {
  const t = useT();
  const name = useId();
  const chosen = recipe.filter ?? 'Normal';
  const { rotate, flip, straighten, crop } = recipe;
  const small = useMemo(() => {
    const shape = { ...(rotate ? { rotate } : {}), ...(flip ? { flip } : {}), ...(straighten ? { straighten } : {}), ...(crop ? { crop } : {}) };
    const g = geometry(shape, source.width, source.height);
    const k = side / Math.min(g.width, g.height);
    const size = { width: Math.max(side, Math.round(g.width * k)), height: Math.max(side, Math.round(g.height * k)) };
    return middle(drawn({ source, recipe: shape, whole: false, size }));
  }, [source, rotate, flip, straighten, crop]);

  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const at = list.current?.querySelector<HTMLElement>('input:checked')?.closest('label');
    if (at && list.current) reveal(list.current, at);
  }, []);

  return (
    <>
      <div ref={list} role="radiogroup" aria-label={t('compose.filters')} className={css.filters}>
        {['Normal', ...filterNames].map((f) => (
          <label key={f} className={css.filter}>
            <input
              type="radio"
              name={name}
              checked={f === chosen}
              onChange={(e) => {
                change({ filter: f, strength: recipe.strength ?? 1 });
                const label = e.currentTarget.closest('label');
                if (label && list.current) reveal(list.current, label, true);
              }}
            />
            <Swatch base={small} filter={f} />
            <span>{t(`compose.filter.${f}` as MessageKey)}</span>
          </label>
        ))}
      </div>
      <div className={css.strength} aria-hidden={chosen === 'Normal'}>
        {chosen === 'Normal' ? (
          <p className={css.hint}>{t('compose.filter.hint')}</p>
        ) : (
          <Slider
            label={t('compose.strength')}
            value={Math.round((recipe.strength ?? 1) * 100)}
            min={1}
            max={100}
            step={1}
            text={`${Math.round((recipe.strength ?? 1) * 100)}`}
            onChange={(v) => change({ strength: v / 100 }, 'strength')}
            onRest={onRest}
          />
        )}
      </div>
    </>
  );
}

function Swatch({ base, filter }: { base: ImageData | undefined; filter: string }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!base || !ref.current) return;
    const pixels = base.data.slice();
    grade(filter === 'Normal' ? null : { filter }, pixels, base.width, base.height, 4);
    put(ref.current, new ImageData(pixels, base.width, base.height));
  }, [base, filter]);
  return <canvas ref={ref} width={side} height={side} aria-hidden="true" />;
}

/** The square in the middle. */
function middle(image: ImageData | undefined): ImageData | undefined {
  if (!image) return undefined;
  const out = new ImageData(side, side);
  const x = (image.width - side) >> 1;
  const y = (image.height - side) >> 1;
  for (let row = 0; row < side; row++) {
    const from = ((y + row) * image.width + x) * 4;
    out.data.set(image.data.subarray(from, from + side * 4), row * side * 4);
  }
  return out;
}
