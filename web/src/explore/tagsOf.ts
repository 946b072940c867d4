import type { Media } from '../api/types';

/** The tags that most of posts have, of those that at least two have; the most frequent first. */
export function tagsOf(posts: readonly Media[], most: number): string[] {
  const count = new Map<string, number>();
  for (const m of posts) for (const tag of new Set(m.tags)) count.set(tag, (count.get(tag) ?? 0) + 1);
  return [...count]
    .filter(([, n]) => n > 1)
    .sort((a, b) => b[1] - a[1])
    .slice(0, most)
    .map(([tag]) => tag);
}
