import { useEffect, useLayoutEffect, useRef } from 'react';
import { useLocation } from 'wouter';

/** On a new page: scroll to the top, or on the way back to where one was, and move the focus to the page. */
export function useArrival(): void {
  const [path] = useLocation();
  const first = useRef(true);
  const back = useRef(false);
  const places = useRef(new Map<string, number>());

  useEffect(() => {
    history.scrollRestoration = 'manual';
    const onPop = () => {
      back.current = true;
    };
    window.addEventListener('popstate', onPop, { capture: true });
    return () => window.removeEventListener('popstate', onPop, { capture: true });
  }, []);

  useLayoutEffect(() => {
    const seen = places.current;
    if (first.current) {
      first.current = false;
    } else {
      window.scrollTo({ top: back.current ? (seen.get(path) ?? 0) : 0, behavior: 'instant' });
      back.current = false;
      // A page that placed the focus itself keeps it.
      const main = document.getElementById('main');
      if (main && !main.contains(document.activeElement)) main.focus({ preventScroll: true });
    }
    const onScroll = () => seen.set(path, window.scrollY);
    window.addEventListener('scroll', onScroll, { passive: true });
    return () => window.removeEventListener('scroll', onScroll);
  }, [path]);
}
