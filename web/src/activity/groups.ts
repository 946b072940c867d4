import type { ActivityGroup, ActivityKind } from './types';

/** The day of a group, as this device counts days. */
const day = (g: ActivityGroup) => new Date(Number(g.created_time) * 1000).toDateString();

/** What makes two groups one; undefined for what stands by itself. */
function keyOf(g: ActivityGroup, tab: 'mine' | 'following'): string | undefined {
  if (tab === 'following') return g.kind === 'comment' ? undefined : `${g.kind} ${day(g)} ${g.users[0]?.id}`;
  if (g.kind === 'like' || g.kind === 'comment') return `${g.kind} ${day(g)} ${g.media[0]?.id}`;
  return g.kind === 'follow' ? `${g.kind} ${day(g)}` : undefined;
}

/** Joins what the end of a page cut in two. Of people who were in both parts it is not known: they may be counted twice. */
export function joined(groups: readonly ActivityGroup[], tab: 'mine' | 'following'): ActivityGroup[] {
  const out: ActivityGroup[] = [];
  const at = new Map<string, number>();
  for (const g of groups) {
    const key = keyOf(g, tab);
    const i = key === undefined ? undefined : at.get(key);
    const first = i === undefined ? undefined : out[i];
    if (i === undefined || !first) {
      if (key !== undefined) at.set(key, out.length);
      out.push(g);
      continue;
    }
    const more = g.users.filter((u) => !first.users.some((v) => v.id === u.id));
    out[i] = {
      ...first,
      oldest_id: g.oldest_id,
      count: first.count + g.count,
      new_count: first.new_count + g.new_count,
      users: [...first.users, ...more].slice(0, 3),
      user_count: first.user_count + g.user_count - (g.users.length - more.length),
      targets: [...first.targets, ...g.targets].slice(0, 3),
      target_count: first.target_count + g.target_count,
      media: [...first.media, ...g.media.filter((m) => !first.media.some((n) => n.id === m.id))].slice(0, 6),
    };
  }
  return out;
}

/** How much is new of each kind, in the order in which it is told. */
export function news(groups: readonly ActivityGroup[]): { kind: ActivityKind; count: number }[] {
  const counts = new Map<ActivityKind, number>();
  for (const g of groups) if (g.new_count > 0) counts.set(g.kind, (counts.get(g.kind) ?? 0) + g.new_count);
  return [...counts].map(([kind, count]) => ({ kind, count }));
}
