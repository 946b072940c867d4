import type { PersonInPhoto, TagIn, Tagged } from './types';

/** Those tagged in each picture, as a request says it. */
export function toRequest(pictures: readonly (readonly Tagged[])[]): TagIn[] {
  return pictures.flatMap((people, media) => people.map((p) => ({ user_id: p.user.id, media, position: p.position })));
}

/** Those in a post, by the picture they are in. */
export function byPicture(people: readonly PersonInPhoto[], count: number): Tagged[][] {
  return Array.from({ length: count }, (_, n) =>
    people.filter((p) => p.media === n).map(({ user, position, status }) => ({ user, position, ...(status === 'waiting' ? { waiting: true } : {}) })),
  );
}

/** Whether the same people are at the same points. */
export function sameTags(a: readonly TagIn[], b: readonly TagIn[]): boolean {
  const key = (list: readonly TagIn[]) => list.map((p) => `${p.media} ${p.user_id} ${p.position.x} ${p.position.y}`).sort().join('\n');
  return key(a) === key(b);
}
