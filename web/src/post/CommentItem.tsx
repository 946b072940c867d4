import { lazy, Suspense, useState } from 'react';
import type { Comment, Media } from '../api/types';
import { useT } from '../i18n';
import { useSelf } from '../session';
import { AvatarLink, UserLink } from '../ui/Avatar';
import { IconButton } from '../ui/Button';
import { ConfirmDialog } from '../ui/Dialog';
import { Time } from '../ui/Time';
import { RichText } from './RichText';
import { isPending, useDeleteComment } from './useComments';

const ReportDialog = lazy(() => import('../moderate/ReportDialog'));

/** One remark with its author; deletable by its author and by the owner of the post. */
export function CommentItem({ comment, media }: { comment: Comment; media: Media }) {
  const t = useT();
  const self = useSelf();
  const [asking, setAsking] = useState(false);
  const [reporting, setReporting] = useState(false);
  const remove = useDeleteComment(media);
  const mine = self && (comment.from.id === self.id || media.user.id === self.id);
  const pending = isPending(comment);
  return (
    <li className={pending ? 'comment comment--pending' : 'comment'}>
      <AvatarLink user={comment.from} size={30} />
      <div className="comment__body">
        <p>
          <UserLink user={comment.from} /> <RichText text={comment.text} />
        </p>
        <p className="comment__meta">{pending ? t('comment.sending') : <Time at={comment.created_time} />}</p>
      </div>
      {mine && !pending && <IconButton icon="trash" size={18} label={t('comment.delete')} onClick={() => setAsking(true)} />}
      {self && comment.from.id !== self.id && !pending && <IconButton icon="flag" size={18} label={t('comment.report')} onClick={() => setReporting(true)} />}
      {reporting && (
        <Suspense>
          <ReportDialog what={{ kind: 'comment', id: comment.id, post_id: media.id.split('_')[0] ?? media.id }} onClose={() => setReporting(false)} />
        </Suspense>
      )}
      {asking && (
        <ConfirmDialog
          title={t('comment.deleteTitle')}
          text={t('comment.deleteText')}
          action={t('action.delete')}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            remove(comment);
          }}
        />
      )}
    </li>
  );
}
