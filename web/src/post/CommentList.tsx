import type { Media } from '../api/types';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { CommentItem } from './CommentItem';
import { useComments } from './useComments';

/** All comments of a post, oldest first, older ones on request. */
export function CommentList({ media }: { media: Media }) {
  const t = useT();
  const { query, comments } = useComments(media);
  if (query.isPending) return <Spinner />;
  if (query.isError && comments.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (comments.length === 0) return <p className="comments__none">{t('comment.none')}</p>;
  return (
    <>
      {query.hasNextPage && (
        <Button kind="text" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('comment.more')}
        </Button>
      )}
      <ul className="comments" aria-label={t('comment.list')}>
        {comments.map((c) => (
          <CommentItem key={c.id} comment={c} media={media} />
        ))}
      </ul>
    </>
  );
}
