import { useEffect, useRef } from 'react';

const storageKey = 'tintype.shortcuts';

/** Single keys can be switched off, for people whose tools type by themselves (WCAG 2.1.4). */
export function shortcutsOn(): boolean {
  try {
    return localStorage.getItem(storageKey) !== 'off';
  } catch {
    return true;
  }
}

export function setShortcutsOn(on: boolean): void {
  try {
    localStorage.setItem(storageKey, on ? 'on' : 'off');
  } catch {
    // Then they stay on.
  }
}

/** A handler may say false: the key was not for it. */
export type Shortcuts = Record<string, () => unknown>;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Single keys for the page that is mounted; quiet while somebody types, in dialogs, and with Ctrl, Alt or Meta. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      const handler = Object.hasOwn(current.current, e.key) ? current.current[e.key] : undefined;
      if (!handler || e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey) return;
      if (typing(e.target) || document.querySelector('dialog[open]') || !shortcutsOn()) return;
      if (handler() !== false) e.preventDefault();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
