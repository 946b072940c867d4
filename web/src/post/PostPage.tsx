import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { keys } from '../api/cache';
import { ApiError } from '../api/client';
import * as api from '../api/endpoints';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { useSelf } from '../session';
import { NotFound } from '../shell/NotFound';
import { PageHead } from '../shell/PageHead';
import { useShortcuts } from '../shell/shortcuts';
import { AvatarLink, UserLink } from '../ui/Avatar';
import { useTitle } from '../ui/hooks';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { Time } from '../ui/Time';
import { Carousel, Dots } from './Carousel';
import { CommentForm } from './CommentForm';
import { CommentList } from './CommentList';
import { DoubleTap } from './DoubleTap';
import { LikeBar, Likers } from './LikeBar';
import { MoreFrom } from './MoreFrom';
import { aspectOf, cameraLine } from './picture';
import { PostHeader } from './PostHeader';
import { RichText } from './RichText';
import { useLike } from './useLike';

const sizes = '(min-width: 1200px) 760px, (min-width: 960px) 55vw, 100vw';

/** /p/{shortcode}: one post, readable by anybody who may see it. */
export function PostPage({ code }: { code: string }) {
  const t = useT();
  const query = useQuery({ queryKey: keys.post(code), queryFn: () => api.media.byShortcode(code) });
  const media = query.data;
  useTitle(media && t('post.by', { name: media.user.username }));

  if (query.isPending) {
    return (
      <>
        <PageHead title={t('post.title')} back />
        <Spinner />
      </>
    );
  }
  if (media) return <Post media={media} key={media.id} />;
  if (query.error instanceof ApiError && (query.error.notFound || query.error.notAllowed || query.error.status === 400)) {
    // Whether it is private or never was is nobody's to know.
    return <NotFound />;
  }
  return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
}

function Post({ media }: { media: Media }) {
  const t = useT();
  const self = useSelf();
  const like = useLike(media);
  const page = useRef<HTMLDivElement>(null);
  const [index, setIndex] = useState(0);
  const items = media.carousel_media ?? [media];
  const focusComment = () => page.current?.querySelector<HTMLElement>('[data-comment-input]')?.focus();
  useShortcuts({ l: () => self && like(!media.user_has_liked), c: focusComment, s: () => page.current?.querySelector<HTMLElement>('.like-bar__save')?.click() });

  return (
    <>
      <PageHead title={t('post.title')} back />
      <div className="post-page" ref={page}>
        <div className="post-page__photo">
          <DoubleTap onDouble={() => self && like(true)}>
            <div className="post-page__box" style={{ aspectRatio: Math.max(0.62, aspectOf(items[0] ?? media)) }}>
              <Carousel post={media.id} items={items} sizes={sizes} priority onIndex={setIndex} />
            </div>
          </DoubleTap>
        </div>
        <div className="post-page__side">
          <PostHeader media={media} />
          <div className="post-page__words">
            {media.caption && <FullCaption media={media} />}
            <Details media={media} index={index} />
            <CommentList media={media} />
          </div>
          <div className="post-page__foot">
            <LikeBar media={media} onComment={focusComment}>
              <Dots count={items.length} index={index} />
            </LikeBar>
            <Likers media={media} />
            <CommentForm media={media} />
          </div>
        </div>
      </div>
      <MoreFrom media={media} />
    </>
  );
}

function FullCaption({ media }: { media: Media }) {
  const t = useT();
  return (
    <div className="comment comment--caption">
      <AvatarLink user={media.user} size={30} />
      <div className="comment__body">
        <p>
          <UserLink user={media.user} /> <RichText text={media.caption?.text ?? ''} />
        </p>
        {media.edited_time && (
          <p className="comment__meta">
            {t('post.edited')} <Time at={media.edited_time} />
          </p>
        )}
      </div>
    </div>
  );
}

/** What is known of the shown picture: the day, the filter, the camera, and its alt text for everybody to read. */
function Details({ media, index }: { media: Media; index: number }) {
  const t = useT();
  const { dateTime } = useFormat();
  const item = media.carousel_media?.[index] ?? media;
  const camera = cameraLine(item.camera);
  return (
    <details className="details">
      <summary>{t('details.title')}</summary>
      <dl>
        <dt>{t('details.posted')}</dt>
        <dd>{dateTime(media.created_time)}</dd>
        {camera && (
          <>
            <dt>{t('details.camera')}</dt>
            <dd>{camera}</dd>
          </>
        )}
        {media.filter && media.filter !== 'Normal' && (
          <>
            <dt>{t('details.filter')}</dt>
            <dd>{media.filter}</dd>
          </>
        )}
        <dt>{t('details.alt')}</dt>
        <dd>{item.alt_text || t('details.noAlt')}</dd>
      </dl>
    </details>
  );
}
