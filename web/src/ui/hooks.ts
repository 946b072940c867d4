import { useEffect, useRef, useState, type RefObject } from 'react';
import { useSite } from '../session';

/** Names the page in the browser's title: "Activity · Tintype". */
export function useTitle(title: string | undefined): void {
  const site = useSite()?.name ?? 'Tintype';
  useEffect(() => {
    document.title = title ? `${title} · ${site}` : site;
  }, [title, site]);
}

/** Calls `onSeen` whenever the element comes within `margin` of the screen; looks anew when `again` changes. */
export function useOnSeen(ref: RefObject<Element | null>, onSeen: () => void, again?: unknown, margin = '800px'): void {
  const callback = useRef(onSeen);
  useEffect(() => {
    callback.current = onSeen;
  });
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && callback.current(), { rootMargin: margin });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref, margin, again]);
}

/** The value, once it has stayed the same for `ms`. */
export function useDebounced<V>(value: V, ms: number): V {
  const [settled, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
