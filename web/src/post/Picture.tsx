import { useState, type ReactNode } from 'react';
import type { MediaItem } from '../api/types';
import { useT } from '../i18n';
import { blurhashUrl } from './blurhash';
import { aspectOf, largest, trueSrcset } from './picture';

interface Props {
  media: MediaItem;
  sizes: string;
  /** The first picture of a page is fetched at once, all others as they come near. */
  priority?: boolean;
  /** Lies on it. */
  children?: ReactNode;
}

/** One picture in its box: blurred colours first, then the photo, nothing jumps. */
export function Picture({ media, sizes, priority = false, children }: Props) {
  const t = useT();
  const [state, setState] = useState<'waiting' | 'shown' | 'failed'>('waiting');
  const blur = blurhashUrl(media.blurhash, aspectOf(media));
  return (
    <div className="picture" style={blur && state !== 'shown' ? { backgroundImage: `url(${blur})` } : undefined}>
      {state === 'failed' ? (
        <p className="picture__failed">{media.alt_text || t('photo.failed')}</p>
      ) : (
        <img
          className={state === 'shown' ? 'picture__img picture__img--shown' : 'picture__img'}
          // A picture from the cache is complete before anybody listens.
          ref={(img) => {
            if (img?.complete && img.naturalWidth > 0) setState('shown');
          }}
          src={largest(media)}
          srcSet={trueSrcset(media) || undefined}
          sizes={sizes}
          width={media.width}
          height={media.height}
          alt={media.alt_text || t('photo.noAlt')}
          loading={priority ? 'eager' : 'lazy'}
          fetchPriority={priority ? 'high' : 'auto'}
          decoding="async"
          draggable={false}
          onLoad={() => setState('shown')}
          onError={() => setState('failed')}
        />
      )}
      {children}
    </div>
  );
}
