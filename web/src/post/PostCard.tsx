import { useRef, useState } from 'react';
import { Link } from 'wouter';
import type { Media } from '../api/types';
import { useI18n, useT } from '../i18n';
import { useSelf } from '../session';
import { tagPath } from '../tags/path';
import { useCountsHidden } from '../ui/counts';
import { UserLink } from '../ui/Avatar';
import { Button } from '../ui/Button';
import { Carousel, Dots } from './Carousel';
import { CommentForm } from './CommentForm';
import { DoubleTap } from './DoubleTap';
import { LikeBar, Likers } from './LikeBar';
import { postPath } from './path';
import { boxAspect } from './picture';
import { PostHeader } from './PostHeader';
import { RichText } from './RichText';
import { useLike } from './useLike';

const sizes = '(min-width: 660px) 600px, 100vw';

/** A post in the feed. Its article can take the focus, for the keys j and k. */
export function PostCard({ media, priority = false }: { media: Media; priority?: boolean }) {
  const t = useT();
  const self = useSelf();
  const like = useLike(media);
  const card = useRef<HTMLElement>(null);
  const [index, setIndex] = useState(0);
  const [shown, setShown] = useState(false);
  const items = media.carousel_media ?? [media];

  if (media.has_hidden_words && !shown) {
    return (
      <article className="post" ref={card} tabIndex={-1} data-post={media.id} aria-label={t('post.by', { name: media.user.username })}>
        <PostHeader media={media} />
        <div className="post__cover">
          <p>{t('post.covered')}</p>
          <Button kind="quiet" onClick={() => { setShown(true); card.current?.focus(); }}>
            {t('post.show')}
          </Button>
        </div>
      </article>
    );
  }
  return (
    <article className="post" ref={card} tabIndex={-1} data-post={media.id} aria-label={t('post.by', { name: media.user.username })}>
      {media.followed_tag !== undefined && <Why tag={media.followed_tag} />}
      <PostHeader media={media} />
      <DoubleTap onDouble={() => self && like(true)}>
        <div className="post__photo" style={{ aspectRatio: boxAspect(items[0] ?? media) }}>
          <Carousel post={media.id} items={items} sizes={sizes} priority={priority} onIndex={setIndex} />
        </div>
      </DoubleTap>
      <LikeBar media={media} onComment={() => card.current?.querySelector<HTMLElement>('[data-comment-input]')?.focus()}>
        <Dots count={items.length} index={index} />
      </LikeBar>
      <div className="post__words">
        <Likers media={media} />
        {media.caption && <Caption media={media} text={media.caption.text} />}
        <Preview media={media} />
      </div>
      <CommentForm media={media} />
    </article>
  );
}

/** Why a post of somebody whom one does not follow is in the feed. */
function Why({ tag }: { tag: string }) {
  const { rich } = useI18n();
  return (
    <p className="post__why">
      {rich('post.why', { tag: <Link key="tag" href={tagPath(tag)}>{`#${tag}`}</Link> })}
    </p>
  );
}

function Caption({ media, text }: { media: Media; text: string }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const long = text.length > 180 || text.split('\n').length > 3;
  return (
    <p className={long && !open ? 'post__caption post__caption--cut' : 'post__caption'}>
      <UserLink user={media.user} /> <RichText text={long && !open ? cut(text) : text} />
      {long && !open && (
        <>
          {' '}
          <button type="button" className="link-button link-button--soft" onClick={() => setOpen(true)} aria-label={t('post.moreCaption')}>
            {t('post.more')}
          </button>
        </>
      )}
    </p>
  );
}

function cut(text: string): string {
  const lines = text.split('\n').slice(0, 3).join('\n');
  return lines.length <= 150 ? `${lines}…` : `${lines.slice(0, 150).replace(/\s+\S*$/, '')}…`;
}

/** The newest two comments, and the way to the rest. */
function Preview({ media }: { media: Media }) {
  const t = useT();
  const bare = useCountsHidden();
  const shown = media.comments.data.slice(-2);
  return (
    <>
      {media.comments.count > shown.length && (
        <Link href={postPath(media)} className="post__all">
          {bare ? t('post.allCommentsBare') : t('post.allComments', { count: media.comments.count })}
        </Link>
      )}
      {shown.map((c) => (
        <p key={c.id} className="post__comment">
          <UserLink user={c.from} /> <RichText text={c.text} />
        </p>
      ))}
    </>
  );
}
