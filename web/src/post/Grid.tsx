import { Link } from 'wouter';
import type { Media } from '../api/types';
import { useI18n } from '../i18n';
import { compact } from '../i18n/format';
import { Icon } from '../ui/Icon';
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
  const { t, locale } = useI18n();
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
        <span className="grid__counts">
          <span>
            <Icon name="heart" filled size={18} />
            <span className="visually-hidden">{t('post.likes', { count: media.likes.count })}</span>
            <span aria-hidden="true">{compact(media.likes.count, locale)}</span>
          </span>
          <span>
            <Icon name="comment" filled size={18} />
            <span className="visually-hidden">{t('post.comments', { count: media.comments.count })}</span>
            <span aria-hidden="true">{compact(media.comments.count, locale)}</span>
          </span>
        </span>
      </Link>
    </li>
  );
}
