import { useSyncExternalStore } from 'react';

const storageKey = 'tintype.counts';
const listeners = new Set<() => void>();
let hidden: boolean | undefined;

/** Whether the reader wants no numbers of likes and comments, on this device. */
export function countsHidden(): boolean {
  if (hidden === undefined) {
    try {
      hidden = localStorage.getItem(storageKey) === 'off';
    } catch {
      hidden = false;
    }
  }
  return hidden;
}

export function hideCounts(hide: boolean): void {
  hidden = hide;
  try {
    if (hide) localStorage.setItem(storageKey, 'off');
    else localStorage.removeItem(storageKey);
  } catch {
    // Then it holds until the page is closed.
  }
  listeners.forEach((tell) => tell());
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export const useCountsHidden = () => useSyncExternalStore(subscribe, countsHidden);
