import type { Media } from '../api/types';
import { Icon } from '../ui/Icon';
import './collect.css';

/** The first few posts of a set in one square: one picture, or four. Whatever it stands by carries the words. */
export function Face({ posts }: { posts: readonly Media[] }) {
  const shown = posts.length < 4 ? posts.slice(0, 1) : posts.slice(0, 4);
  return (
    <span className={shown.length > 1 ? 'face face--four' : 'face'} aria-hidden="true">
      {shown.map((m) => (
        <img key={m.id} src={m.images.low_resolution.url} alt="" width={160} height={160} loading="lazy" decoding="async" />
      ))}
      {shown.length === 0 && <Icon name="album" size={32} />}
    </span>
  );
}
