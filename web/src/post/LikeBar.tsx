import { useState } from 'react';
import { useLocation } from 'wouter';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { Media } from '../api/types';
import { PeopleDialog } from '../graph/PeopleDialog';
import { useI18n } from '../i18n';
import { signInPath, useSelf } from '../session';
import { UserLink } from '../ui/Avatar';
import { useCountsHidden } from '../ui/counts';
import { IconButton } from '../ui/Button';
import { copyText, shareLink } from '../ui/clipboard';
import { useToast } from '../ui/Toasts';
import { SaveButton } from './SaveButton';
import { useLike } from './useLike';
import { postPath } from './path';

/** Like, comment, share. */
export function LikeBar({ media, onComment, children }: { media: Media; onComment: () => void; children?: React.ReactNode }) {
  const { t } = useI18n();
  const self = useSelf();
  const [, navigate] = useLocation();
  const toast = useToast();
  const like = useLike(media);
  const liked = media.user_has_liked ?? false;

  const share = async () => {
    const link = location.origin + postPath(media);
    if (await shareLink(t('post.by', { name: media.user.username }), link)) return;
    toast.say((await copyText(link)) ? t('share.copied') : link);
  };

  return (
    <div className="like-bar">
      <IconButton
        className={liked ? 'like-bar__like like-bar__like--on' : 'like-bar__like'}
        icon="heart"
        filled={liked}
        label={liked ? t('post.unlike') : t('post.like')}
        aria-pressed={liked}
        onClick={() => (self ? like(!liked) : navigate(signInPath()))}
      />
      <IconButton icon="comment" label={t('post.comment')} onClick={onComment} />
      <IconButton icon="share" label={t('post.share')} onClick={() => void share()} />
      {children}
      <SaveButton media={media} />
    </div>
  );
}

/** "ada and 12 others like this", which opens the list of who does. */
export function Likers({ media }: { media: Media }) {
  const { t, rich } = useI18n();
  const [open, setOpen] = useState(false);
  const bare = useCountsHidden();
  const { count, data, hidden } = media.likes;
  const first = data[0];
  if (count === 0) return hidden ? <p className="likers likers--hidden">{t('post.likesHidden')}</p> : null;
  const numbered = first ? t('post.others', { count: count - 1 }) : t('post.likes', { count });
  const others = (
    <button key="others" type="button" className="link-button" onClick={() => setOpen(true)}>
      {bare ? t('post.othersBare') : numbered}
    </button>
  );
  return (
    <p className="likers">
      {!first && others}
      {first && count === 1 && (
        <span>{rich('post.likedBy', { user: <UserLink key="user" user={first} /> })}</span>
      )}
      {first && count > 1 && <span>{rich('post.likedByMany', { user: <UserLink key="user" user={first} />, others })}</span>}
      {hidden && <span className="likers__only">{t('post.likesOnlyYou')}</span>}
      {open && (
        <PeopleDialog
          title={t('post.likersTitle')}
          empty={t('post.likersNone')}
          queryKey={keys.likers(media.id)}
          load={(after) => api.media.likers(media.id, after)}
          onClose={() => setOpen(false)}
        />
      )}
    </p>
  );
}
