import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';

/**
 * Asks before a link leads away while there is a draft; to is where, until it is decided. A page that is closed or
 * loaded anew asks only while something is on its way: the draft itself is kept.
 */
export function useLeaving(hasDraft: boolean, busy: boolean) {
  const [, navigate] = useLocation();
  const [to, setTo] = useState<string | null>(null);

  useEffect(() => {
    if (!busy) return;
    const warn = (e: BeforeUnloadEvent) => e.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [busy]);

  useEffect(() => {
    if (!hasDraft) return;
    const click = (e: MouseEvent) => {
      if (e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
      const link = e.target instanceof Element ? e.target.closest<HTMLAnchorElement>('a[href]') : null;
      if (!link || link.target === '_blank' || link.origin !== location.origin || link.pathname === location.pathname) return;
      e.preventDefault();
      e.stopPropagation();
      setTo(link.pathname + link.search + link.hash);
    };
    document.addEventListener('click', click, true);
    return () => document.removeEventListener('click', click, true);
  }, [hasDraft]);

  return {
    to,
    ask: setTo,
    stay: () => setTo(null),
    go: () => {
      const where = to ?? '/';
      setTo(null);
      navigate(where);
    },
  };
}
