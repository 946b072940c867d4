import { useEffect, useRef, useState, type PointerEvent, type RefObject } from 'react';

/** How far a mouse moves, and how long a finger rests, before it drags. */
const slop = 6;
const rest = 320;

interface Drag {
  key: string;
  x: number;
  y: number;
  pointer: number;
  timer: number;
  on: boolean;
}

/**
 * Dragging the items of a row into another order. A mouse drags at once, a finger after resting, so that it can scroll.
 * The row's children are the items in order; onMove is called as the pointer passes the middle of a neighbour.
 */
export function useReorder(row: RefObject<HTMLElement | null>, order: readonly string[], onMove: (key: string, to: number) => void) {
  const drag = useRef<Drag | null>(null);
  const [dragging, setDragging] = useState<string | null>(null);

  useEffect(() => {
    const element = row.current;
    if (!element || dragging === null) return;
    const hold = (e: TouchEvent) => e.preventDefault();
    element.addEventListener('touchmove', hold, { passive: false });
    return () => element.removeEventListener('touchmove', hold);
  }, [row, dragging]);

  const end = () => {
    if (drag.current) clearTimeout(drag.current.timer);
    drag.current = null;
    setDragging(null);
  };
  const begin = (d: Drag) => {
    d.on = true;
    setDragging(d.key);
    row.current?.setPointerCapture(d.pointer);
  };

  const item = (key: string) => ({
    onPointerDown: (e: PointerEvent) => {
      if (e.button !== 0) return;
      const d: Drag = { key, x: e.clientX, y: e.clientY, pointer: e.pointerId, timer: 0, on: false };
      if (e.pointerType !== 'mouse') {
        d.timer = window.setTimeout(() => {
          begin(d);
          navigator.vibrate?.(10);
        }, rest);
      }
      drag.current = d;
    },
  });

  const list = {
    onPointerMove: (e: PointerEvent) => {
      const d = drag.current;
      if (!d || e.pointerId !== d.pointer) return;
      if (!d.on) {
        if (Math.hypot(e.clientX - d.x, e.clientY - d.y) < slop) return;
        if (e.pointerType !== 'mouse') return end(); // a scroll, then
        begin(d);
      }
      const to = indexAt(row.current, e.clientX, order.length);
      if (to >= 0 && to !== order.indexOf(d.key)) onMove(d.key, to);
    },
    onPointerUp: end,
    onPointerCancel: end,
  };

  return { dragging, item, list };
}

/** The place of the item whose half of the row x lies in. */
function indexAt(row: HTMLElement | null, x: number, count: number): number {
  if (!row) return -1;
  for (let i = 0; i < count; i++) {
    const box = row.children[i]?.getBoundingClientRect();
    if (box && x < box.right) return i;
  }
  return count - 1;
}
