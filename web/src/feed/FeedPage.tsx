import { useT } from '../i18n';
import { PostCard } from '../post/PostCard';
import { PageHead } from '../shell/PageHead';
import { Avatar } from '../ui/Avatar';
import { useTitle } from '../ui/hooks';
import { Icon } from '../ui/Icon';
import { InfiniteEnd } from '../ui/InfiniteEnd';
import { ErrorState } from '../ui/States';
import { FeedEmpty } from './FeedEmpty';
import { FeedSkeleton } from './FeedSkeleton';
import { Suggestions } from './Suggestions';
import { useFeed } from './useFeed';
import { useFeedKeys } from './useFeedKeys';

/** Home: the posts of the people one follows, newest first. */
export function FeedPage() {
  const t = useT();
  useTitle(undefined);
  const { query, posts, news, showNews } = useFeed();
  useFeedKeys();

  return (
    <div className="with-aside">
      <PageHead />
      <div className="column">
        <h1 className="visually-hidden">{t('feed.title')}</h1>
        <div role="status" className="news">
          {news.length > 0 && (
            <button type="button" className="news__pill" onClick={showNews}>
              <Icon name="up" size={18} />
              <span className="news__faces" aria-hidden="true">
                {[...new Map(news.map((m) => [m.user.id, m.user])).values()].slice(0, 3).map((u) => (
                  <Avatar key={u.id} user={u} size={20} />
                ))}
              </span>
              {t('feed.news', { count: news.length })}
            </button>
          )}
        </div>
        {query.isPending && <FeedSkeleton />}
        {query.isError && posts.length === 0 && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && posts.length === 0 && <FeedEmpty />}
        {posts.map((m, i) => (
          <PostCard key={m.id} media={m} priority={i === 0} />
        ))}
        <InfiniteEnd query={query} />
        {query.isSuccess && posts.length > 0 && !query.hasNextPage && <p className="feed-end">{t('feed.end')}</p>}
      </div>
      <aside className="aside" aria-label={t('suggest.title')}>
        <Suggestions />
      </aside>
    </div>
  );
}
