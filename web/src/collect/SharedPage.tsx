import { useInfiniteQuery } from '@tanstack/react-query';
import { ApiError } from '../api/client';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { blurhashUrl } from '../post/blurhash';
import { Button } from '../ui/Button';
import { useTitle } from '../ui/hooks';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import { links } from './api';
import type { SharedPost } from './types';
import './collect.css';
import './messages';

/** /s/{token}: what a secret link shows. There is no way from here to anything else of its owner. */
export default function SharedPage({ token }: { token: string }) {
  const t = useT();
  const { dateTime } = useFormat();
  const query = useInfiniteQuery({
    queryKey: ['shared', token],
    queryFn: ({ pageParam }) => links.open(token, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    // Asking again would count as another opening.
    staleTime: 240_000,
    refetchOnWindowFocus: false,
  });
  const shown = query.data?.pages[0];
  const name = shown ? shown.from.full_name || shown.from.username : '';
  useTitle(shown?.title ?? (name || undefined));
  if (query.isPending) return <Spinner />;
  if (!shown) {
    if (query.error instanceof ApiError && query.error.notFound) {
      return (
        <EmptyState icon="link" title={t('shared.none')} page>
          <p className="state__text">{t('shared.noneText')}</p>
        </EmptyState>
      );
    }
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <div className="shared">
      <header className="shared__head">
        <img src={shown.from.profile_picture} alt="" width={44} height={44} />
        <div>
          <h1>{shown.title ?? name}</h1>
          {shown.title !== undefined && <p>{t('shared.by', { name })}</p>}
        </div>
      </header>
      {shown.description && <p className="kept__text">{shown.description}</p>}
      {query.data?.pages.flatMap((p) => p.posts).map((p) => <Post key={p.pictures[0]?.renditions[0]?.url} post={p} />)}
      {query.hasNextPage && (
        <Button kind="quiet" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('shared.more')}
        </Button>
      )}
      <footer className="shared__note">
        <p>
          {t('shared.note')} {shown.expires_time !== null && t('shared.until', { date: dateTime(shown.expires_time) })}
        </p>
      </footer>
    </div>
  );
}

function Post({ post }: { post: SharedPost }) {
  const t = useT();
  const { date } = useFormat();
  return (
    <article className="shared__post" aria-label={post.caption.slice(0, 60) || t('shared.photo')}>
      {post.pictures.map((p) => {
        const largest = p.renditions[0];
        const blur = blurhashUrl(p.blurhash, 1);
        // The squares are cut: only those in the picture's own shape.
        const own = p.renditions.filter((r) => largest && Math.abs(r.width / r.height - largest.width / largest.height) < 0.02);
        return (
          largest && (
            <img key={largest.url} src={largest.url} srcSet={own.map((r) => `${r.url} ${r.width}w`).join(', ')} sizes="(min-width: 760px) 720px, 100vw" alt={p.alt_text || t('photo.noAlt')}
              width={largest.width} height={largest.height} loading="lazy" decoding="async" style={blur ? { backgroundImage: `url(${blur})` } : undefined} />
          )
        );
      })}
      {post.caption && <p className="kept__text">{post.caption}</p>}
      <p className="shared__meta">
        {date(post.created_time)}
        {post.location && ` · ${post.location}`}
      </p>
    </article>
  );
}
