import { useState, type KeyboardEvent, type PointerEvent } from 'react';
import { useT, type MessageKey } from '../i18n';
import { ratioOf, type Aspect } from './aspects';
import { handles, moveCrop, resizeCrop, type Handle } from './crop';
import { geometry, type Size } from './geometry';
import { wholeCrop, type Crop, type Recipe } from './recipe';
import css from './editor.module.css';
import '../compose/messages';

interface Props {
  source: Size;
  recipe: Recipe;
  aspect: Aspect;
  onCrop: (c: Crop) => void;
  onRest: () => void;
}

/** A pointer that holds the crop or a handle: where it took hold, and of what. */
interface Grip {
  at: Handle | null;
  x: number;
  y: number;
  crop: Crop;
  box: DOMRect;
}

/** The crop rectangle on the frame: drag it or its handles, or focus one and use the arrow keys (Shift: larger steps). */
export function CropOverlay({ source, recipe, aspect, onCrop, onRest }: Props) {
  const t = useT();
  const [grip, setGrip] = useState<Grip | null>(null);
  const crop = recipe.crop ?? wholeCrop;
  const { frame } = geometry(recipe, source.width, source.height);
  const ratio = ratioOf(aspect, frame);
  const k = ratio === null ? null : (ratio * frame.height) / frame.width;

  const moved = (from: Crop, at: Handle | null, dx: number, dy: number) => (at ? resizeCrop(from, at, dx, dy, k) : moveCrop(from, dx, dy));

  const grab = (at: Handle | null) => (e: PointerEvent) => {
    if (e.button !== 0) return;
    e.stopPropagation();
    e.currentTarget.setPointerCapture(e.pointerId);
    const box = e.currentTarget.closest('[data-frame]')?.getBoundingClientRect();
    if (box) setGrip({ at, x: e.clientX, y: e.clientY, crop, box });
  };
  const drag = (e: PointerEvent) => {
    if (!grip || !e.currentTarget.hasPointerCapture(e.pointerId)) return;
    onCrop(moved(grip.crop, grip.at, (e.clientX - grip.x) / grip.box.width, (e.clientY - grip.y) / grip.box.height));
  };
  const release = () => {
    setGrip(null);
    onRest();
  };
  const key = (at: Handle | null) => (e: KeyboardEvent) => {
    const step = e.shiftKey ? 0.05 : 0.01;
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (!by) return;
    e.preventDefault();
    onCrop(moved(crop, at, by[0]! * step, by[1]! * step));
  };
  const events = (at: Handle | null) => ({
    onPointerDown: grab(at),
    onPointerMove: drag,
    onPointerUp: release,
    onPointerCancel: release,
    onKeyDown: key(at),
    onBlur: onRest,
  });
  const percent = (v: number) => `${(v * 100).toFixed(3)}%`;
  const place = { left: percent(crop.x), top: percent(crop.y), width: percent(crop.w), height: percent(crop.h) };
  const told = t('compose.crop.size', { width: Math.round(crop.w * 100), height: Math.round(crop.h * 100) });

  return (
    <div data-frame className={css.cropArea}>
      <div className={css.cropShade}>
        <div style={place} />
      </div>
      <div className={css.crop} style={place}>
        <button type="button" className={css.cropMove} aria-label={`${t('compose.crop.move')}. ${told}`} {...events(null)} />
        {handles.map((h) => (
          <button
            key={`${h.x},${h.y}`}
            type="button"
            className={css.handle}
            data-x={h.x}
            data-y={h.y}
            aria-label={t(`compose.crop.${names[h.y + 1]![h.x + 1]!}` as MessageKey)}
            {...events(h)}
          />
        ))}
      </div>
    </div>
  );
}

const names = [
  ['topLeft', 'top', 'topRight'],
  ['left', 'move', 'right'],
  ['bottomLeft', 'bottom', 'bottomRight'],
];
