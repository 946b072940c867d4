import { useMemo, useState, type KeyboardEvent, type PointerEvent } from 'react';

/** True for as long as a pointer, Space or Enter is held down on the element that takes the handlers. */
export function useHold() {
  const [held, set] = useState(false);
  return useMemo(() => {
    const down = (e: PointerEvent) => {
      if (e.button !== 0) return;
      e.currentTarget.setPointerCapture(e.pointerId);
      set(true);
    };
    const up = () => set(false);
    const press = (e: KeyboardEvent, to: boolean) => {
      if (e.key !== ' ' && e.key !== 'Enter') return;
      e.preventDefault();
      set(to);
    };
    return {
      held,
      pointer: { onPointerDown: down, onPointerUp: up, onPointerCancel: up, onLostPointerCapture: up, onContextMenu: (e: { preventDefault(): void }) => e.preventDefault() },
      keys: { onKeyDown: (e: KeyboardEvent) => press(e, true), onKeyUp: (e: KeyboardEvent) => press(e, false), onBlur: up },
    };
  }, [held]);
}
