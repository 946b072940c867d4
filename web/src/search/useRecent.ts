import { useState } from 'react';

/** How many questions are kept. */
const most = 8;

/** The last questions first, kept on this device for each user who signs in on it. */
export function useRecent(user: string) {
  const key = `tintype.searches.${user}`;
  const [recent, set] = useState(() => read(key));
  const keep = (list: readonly string[]) => {
    set(list);
    write(key, list);
  };
  return {
    recent,
    remember: (q: string) => {
      const asked = q.trim();
      // Another tab may have asked meanwhile.
      if (asked !== '') keep(added(read(key), asked));
    },
    forget: (q: string) => keep(read(key).filter((r) => r !== q)),
    restore: keep,
  };
}

/** The question goes to the front, and is there once. */
export function added(list: readonly string[], q: string): readonly string[] {
  const same = q.toLowerCase();
  return [q, ...list.filter((r) => r.toLowerCase() !== same)].slice(0, most);
}

function read(key: string): readonly string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(list) ? list.filter((r) => typeof r === 'string').slice(0, most) : [];
  } catch {
    return [];
  }
}

function write(key: string, list: readonly string[]): void {
  try {
    if (list.length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(list));
  } catch {
    // Then they are kept as long as the page is.
  }
}
