import { Link } from 'wouter';
import type { Media } from '../api/types';
import { useI18n } from '../i18n';
import { compact } from '../i18n/format';
import { useCountsHidden } from '../ui/counts';
import { Icon, type IconName } from '../ui/Icon';
import { blurhashUrl } from './blurhash';
import { postPath } from './path';
import { squareSrcset } from './picture';

/** Posts as squares, three in a row. */
export function Grid({ posts }: { posts: readonly Media[] }) {
  return (
    <ul className="grid">
      {posts.map((m, i) => (
        <Tile key={m.id} media={m} eager={i < 6} />
      ))}
    </ul>
  );
}

function Tile({ media, eager }: { media: Media; eager: boolean }) {
  const { t } = useI18n();
  const bare = useCountsHidden();
  const blur = blurhashUrl(media.blurhash, 1);
  const albumSize = media.carousel_media?.length ?? 1;
  const alt = media.alt_text || media.caption?.text.slice(0, 120) || t('photo.noAlt');
  return (
    <li className="grid__tile">
      <Link href={postPath(media)}>
        <img
          src={media.images.thumbnail.url}
          srcSet={squareSrcset(media) || undefined}
          sizes="(min-width: 960px) 300px, 33vw"
          alt={albumSize > 1 ? `${alt} (${t('carousel.label', { count: albumSize })})` : alt}
          width={320}
          height={320}
          loading={eager ? 'eager' : 'lazy'}
          decoding="async"
          style={blur ? { backgroundImage: `url(${blur})` } : undefined}
        />
        {albumSize > 1 && (
          <span className="grid__album" aria-hidden="true">
            <Icon name="album" size={20} />
          </span>
        )}
        <Stands media={media} />
        {!bare && (
          <span className="grid__counts">
            {(!media.likes.hidden || media.likes.count > 0) && <Count icon="heart" n={media.likes.count} label={t('post.likes', { count: media.likes.count })} />}
            <Count icon="comment" n={media.comments.count} label={t('post.comments', { count: media.comments.count })} />
          </span>
        )}
      </Link>
    </li>
  );
}

function Count({ icon, n, label }: { icon: IconName; n: number; label: string }) {
  const { locale } = useI18n();
  return (
    <span>
      <Icon name={icon} filled size={18} />
      <span className="visually-hidden">{label}</span>
      <span aria-hidden="true">{compact(n, locale)}</span>
    </span>
  );
}

/** In a corner, that it is pinned, or for close friends. */
function Stands({ media }: { media: Media }) {
  const { t } = useI18n();
  if (!media.is_pinned && media.audience !== 'friends') return null;
  return (
    <span className="grid__stands">
      {media.is_pinned && (
        <span>
          <Icon name="pushpin" size={18} filled />
          <span className="visually-hidden">{t('post.pinned')}</span>
        </span>
      )}
      {media.audience === 'friends' && (
        <span className="grid__friends">
          <Icon name="star" size={14} filled />
          <span className="visually-hidden">{t('post.friends')}</span>
        </span>
      )}
    </span>
  );
}
