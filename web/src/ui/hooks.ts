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

/** Asks where this device is, when told to; `failed` if it will not say. */
export function useHere(found: (coords: GeolocationCoordinates) => void): { finding: boolean; failed: boolean; find: () => void } {
  const [finding, setFinding] = useState(false);
  const [failed, setFailed] = useState(false);
  const find = () => {
    setFinding(true);
    setFailed(false);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setFinding(false);
        found(coords);
      },
      () => {
        setFinding(false);
        setFailed(true);
      },
      { timeout: 15_000, maximumAge: 600_000 },
    );
  };
  return { finding, failed, find };
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
