import { useRef, useState, type PointerEvent, type ReactNode } from 'react';
import { Icon } from '../ui/Icon';

/** A double tap or double click anywhere on its children calls `onDouble` and lets a heart rise there. */
export function DoubleTap({ onDouble, children }: { onDouble: () => void; children: ReactNode }) {
  const last = useRef({ time: 0, x: 0, y: 0 });
  const [heart, setHeart] = useState<{ id: number; x: number; y: number } | null>(null);

  const onPointerUp = (e: PointerEvent<HTMLDivElement>) => {
    if (e.button !== 0 || (e.target instanceof Element && e.target.closest('button, a'))) return;
    const { time, x, y } = last.current;
    const near = Math.hypot(e.clientX - x, e.clientY - y) < 32;
    last.current = { time: e.timeStamp, x: e.clientX, y: e.clientY };
    if (e.timeStamp - time > 320 || !near) return;
    last.current.time = 0;
    const box = e.currentTarget.getBoundingClientRect();
    setHeart({ id: e.timeStamp, x: e.clientX - box.left, y: e.clientY - box.top });
    onDouble();
  };

  return (
    <div className="double-tap" onPointerUp={onPointerUp}>
      {children}
      {heart && (
        <span key={heart.id} className="double-tap__heart" style={{ left: heart.x, top: heart.y }} onAnimationEnd={() => setHeart(null)} aria-hidden="true">
          <Icon name="heart" filled size={96} />
        </span>
      )}
    </div>
  );
}
