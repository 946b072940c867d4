import { useId, useRef, type CSSProperties, type PointerEvent } from 'react';
import { useT, type MessageKey } from '../i18n';
import type { ToolProps } from './Editor';
import type { TiltShift } from './recipe';
import { Slider } from './Slider';
import css from './editor.module.css';
import '../compose/messages';

const modes = ['off', 'radial', 'linear'] as const;
const start = { x: 0.5, y: 0.5, size: 0.4, angle: 0 };

/** Tilt-shift: what is sharp, and where. */
export function FocusTool({ recipe, change, onRest }: ToolProps) {
  const t = useT();
  const name = useId();
  const tilt: TiltShift = { ...start, ...(recipe.tilt_shift ?? { mode: 'off' }) };
  const set = (patch: Partial<TiltShift>, gesture: string | null) => change({ tilt_shift: { ...tilt, ...patch } }, gesture);
  const percent = (field: 'x' | 'y' | 'size') => {
    const value = Math.round((tilt[field] ?? 0.5) * 100);
    return { value, text: `${value}`, min: 0, max: 100, step: 1, onChange: (v: number) => set({ [field]: v / 100 }, `tilt.${field}`), onRest };
  };
  return (
    <div className={css.sliders}>
      <div role="radiogroup" aria-label={t('compose.focus')} className={css.segments}>
        {modes.map((m) => (
          <label key={m}>
            <input type="radio" name={name} checked={m === tilt.mode} onChange={() => set({ mode: m }, null)} />
            <span>{t(`compose.focus.${m}` satisfies MessageKey)}</span>
          </label>
        ))}
      </div>
      {tilt.mode === 'off' ? (
        <p className={css.hint}>{t('compose.focus.hint')}</p>
      ) : (
        <>
          <Slider label={t('compose.focus.size')} {...percent('size')} />
          {tilt.mode === 'linear' && (
            <Slider label={t('compose.focus.angle')} value={tilt.angle ?? 0} min={-89} max={90} step={1} origin={0}
              text={`${tilt.angle ?? 0}°`.replace('-', '−')} onChange={(angle) => set({ angle }, 'tilt.angle')} onRest={onRest} />
          )}
          <Slider label={t('compose.focus.x')} {...percent('x')} origin={50} />
          <Slider label={t('compose.focus.y')} {...percent('y')} origin={50} />
        </>
      )}
    </div>
  );
}

/** The sharp disc or band, drawn on the picture; a pointer anywhere moves it there. The keyboard has the sliders. */
export function FocusOverlay({ recipe, change, onRest }: ToolProps) {
  const area = useRef<HTMLDivElement>(null);
  const tilt = recipe.tilt_shift;
  if (!tilt || tilt.mode === 'off') return null;

  const place = (e: PointerEvent) => {
    const box = area.current?.getBoundingClientRect();
    if (!box || !e.currentTarget.hasPointerCapture(e.pointerId)) return;
    const fraction = (v: number) => Math.min(Math.max(v, 0), 1);
    change({ tilt_shift: { ...tilt, x: fraction((e.clientX - box.left) / box.width), y: fraction((e.clientY - box.top) / box.height) } }, 'tilt.place');
  };
  const style = { '--x': tilt.x ?? 0.5, '--y': tilt.y ?? 0.5, '--size': tilt.size ?? 0.5, '--angle': `${tilt.angle ?? 0}deg` } as CSSProperties;
  return (
    <div
      ref={area}
      className={css.focusArea}
      style={style}
      onPointerDown={(e) => {
        if (e.button !== 0) return;
        e.currentTarget.setPointerCapture(e.pointerId);
        place(e);
      }}
      onPointerMove={place}
      onPointerUp={onRest}
      onPointerCancel={onRest}
    >
      <div className={tilt.mode === 'radial' ? css.disc : css.band} />
      <div className={css.dot} />
    </div>
  );
}
