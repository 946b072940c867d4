import { useEffect, type RefObject } from 'react';

/** Up and down walk from the box through the links of the results and back; Escape leads back to the box. */
export function useArrows(page: RefObject<HTMLElement | null>, box: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const place = page.current;
    const onKey = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey || e.isComposing) return;
      const links = [...(place?.querySelectorAll<HTMLElement>('[data-results] a[href]') ?? [])];
      const at = links.indexOf(document.activeElement as HTMLElement);
      const inBox = document.activeElement === box.current;
      if (at < 0 && !inBox) return;
      if (e.key === 'Escape' && at >= 0) box.current?.focus();
      else if (e.key === 'ArrowDown' && at + 1 < links.length) links[at + 1]?.focus();
      else if (e.key === 'ArrowUp' && at >= 0) (links[at - 1] ?? box.current)?.focus();
      else return;
      e.preventDefault();
    };
    place?.addEventListener('keydown', onKey);
    return () => place?.removeEventListener('keydown', onKey);
  }, [page, box]);
}
