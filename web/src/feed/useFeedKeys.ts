import { useLocation } from 'wouter';
import { useShortcuts } from '../shell/shortcuts';

function articles(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('article[data-post]')];
}

/** The post that the keys act on: the focused one, else the one nearest to the top of the screen. */
export function currentPost(all: readonly HTMLElement[]): number {
  const focused = all.findIndex((a) => a.contains(document.activeElement));
  if (focused >= 0) return focused;
  const visible = all.findIndex((a) => a.getBoundingClientRect().bottom > window.innerHeight * 0.3);
  return visible;
}

/** j and k walk through the posts, l likes, s saves, c comments, Enter opens. */
export function useFeedKeys(): void {
  const [, navigate] = useLocation();

  const step = (by: number) => {
    const all = articles();
    const inside = all.some((a) => a.contains(document.activeElement));
    const at = currentPost(all);
    // The first j goes to the post in view, not past it.
    const next = all[inside || by < 0 ? at + by : at];
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: 'start', behavior: 'instant' });
  };
  const inCurrent = <E extends HTMLElement>(selector: string): E | null => {
    const all = articles();
    return all[currentPost(all)]?.querySelector<E>(selector) ?? null;
  };

  useShortcuts({
    j: () => step(1),
    k: () => step(-1),
    l: () => inCurrent('.like-bar__like')?.click(),
    s: () => inCurrent('.like-bar__save')?.click(),
    c: () => inCurrent('[data-comment-input]')?.focus(),
    Enter: () => {
      const focused = document.activeElement;
      // Only a post itself: links and buttons have an Enter of their own.
      if (!focused?.matches('article[data-post]')) return false;
      const href = focused.querySelector('.post-head__meta a')?.getAttribute('href');
      if (href) navigate(href);
      return true;
    },
  });
}
