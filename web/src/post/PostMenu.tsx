import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import { patchMedia } from '../api/cache';
import * as api from '../api/endpoints';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { useSelf } from '../session';
import { useFollowTag } from '../tags/useFollowTag';
import { IconButton } from '../ui/Button';
import { copyText } from '../ui/clipboard';
import { ConfirmDialog, Dialog } from '../ui/Dialog';
import { Icon } from '../ui/Icon';
import { MenuItem as Item } from '../ui/MenuItem';
import { useToast } from '../ui/Toasts';
import { embedCode, forEverybody } from './embed';
import { postPath } from './path';

const SafetyDialog = lazy(() => import('../safety/SafetyDialog'));
const HeldDialog = lazy(() => import('../safety/HeldDialog'));
const ReportDialog = lazy(() => import('../moderate/ReportDialog'));
const EditPost = lazy(() => import('./EditPost'));
const FilesDialog = lazy(() => import('../photos/FilesDialog'));
const OwnItems = lazy(() => import('./OwnItems'));
const PostDialogs = lazy(() => import('../collect/PostDialogs'));

/** Everything else that can be done with a post; most of it by its owner only. */
export function PostMenu({ media }: { media: Media }) {
  const t = useT();
  const self = useSelf();
  const mine = self?.id === media.user.id;
  const client = useQueryClient();
  const toast = useToast();
  const [path, navigate] = useLocation();
  const [open, setOpen] = useState<'menu' | 'edit' | 'delete' | 'held' | 'safety' | 'report' | 'files' | 'collect' | 'album' | 'secret' | null>(null);
  const close = () => setOpen(null);
  const count = media.carousel_media?.length ?? 1;

  const remove = useMutation({
    mutationFn: () => api.media.remove(media.id),
    onSuccess: () => {
      close();
      if (path.startsWith('/p/')) navigate(`/${media.user.username}`, { replace: true });
      patchMedia(client, media.id, () => null);
      void client.invalidateQueries({ queryKey: ['user'] });
      toast.say(t('post.deleted'));
    },
    onError: (error) => {
      close();
      toast.fail(error);
    },
  });

  return (
    <>
      <IconButton icon="more" label={t('post.menu')} aria-haspopup="dialog" onClick={() => setOpen('menu')} />
      {open === 'menu' && (
        <Dialog title={t('post.menu')} onClose={close} sheet bare>
          <div className="menu">
            {mine && (
              <ul className="menu__group">
                <Item icon="edit" label={t('post.edit')} onClick={() => setOpen('edit')} />
                <Item icon="comment" label={t('post.held')} onClick={() => setOpen('held')} />
                <Suspense fallback={null}>
                  <OwnItems media={media} onDone={close} />
                </Suspense>
              </ul>
            )}
            <ul className="menu__group">
              <Item
                icon="link"
                label={t('share.copy')}
                onClick={async () => {
                  const link = location.origin + postPath(media);
                  const copied = await copyText(link);
                  close();
                  toast.say(copied ? t('share.copied') : link);
                }}
              />
              {forEverybody(media) && (
                <Item
                  icon="code"
                  label={t('share.embed')}
                  onClick={async () => {
                    const code = embedCode(media, location.origin, t('share.embedTitle', { name: media.user.full_name || media.user.username }));
                    const copied = await copyText(code);
                    close();
                    toast.say(copied ? t('share.embedCopied') : code);
                  }}
                />
              )}
              {mine && <Item icon="link" label={t('post.secretLink')} onClick={() => setOpen('secret')} />}
              {!path.startsWith('/p/') && <Item icon="right" label={t('post.open')} onClick={() => navigate(postPath(media))} />}
            </ul>
            {self && (
              <ul className="menu__group">
                <Item icon="bookmark" label={t('post.collect')} onClick={() => setOpen('collect')} />
                {mine && <Item icon="album" label={t('post.toAlbum')} onClick={() => setOpen('album')} />}
                {mine && count === 1 && (
                  <li>
                    <a className="menu__item" href={api.media.originalUrl(media.id, 0)} download onClick={close}>
                      <Icon name="download" />
                      {t('post.original')}
                    </a>
                  </li>
                )}
                {mine && <Item icon={count === 1 ? 'camera' : 'download'} label={t('post.files')} onClick={() => setOpen('files')} />}
                {!mine && <Item icon="quiet" label={t('profile.safety')} onClick={() => setOpen('safety')} />}
                {media.followed_tag !== undefined && <UnfollowTag name={media.followed_tag} onDone={close} />}
              </ul>
            )}
            <ul className="menu__group">
              {self && !mine && <Item icon="flag" danger label={t('action.report')} onClick={() => setOpen('report')} />}
              {mine && <Item icon="trash" danger label={t('action.delete')} onClick={() => setOpen('delete')} />}
              <Item icon="close" label={t('action.cancel')} onClick={close} />
            </ul>
          </div>
        </Dialog>
      )}
      {open === 'delete' && (
        <ConfirmDialog title={t('post.deleteTitle')} text={t('post.deleteText', { count })} action={t('action.delete')} busy={remove.isPending}
          onClose={close} onConfirm={() => remove.mutate()} />
      )}
      <Suspense>
        {open === 'edit' && <EditPost media={media} onClose={close} />}
        {open === 'files' && <FilesDialog id={media.id} onClose={close} />}
        {open === 'held' && <HeldDialog media={media.id} onClose={close} />}
        {open === 'safety' && <SafetyDialog user={media.user} onClose={close} />}
        {(open === 'collect' || open === 'album' || open === 'secret') && <PostDialogs what={open} media={media} onClose={close} />}
        {open === 'report' && <ReportDialog what={{ kind: 'post', id: media.id.split('_')[0] ?? media.id }} onClose={close} />}
      </Suspense>
    </>
  );
}

/** Ends what brought the post into the feed; the posts go, and a word offers to have them back. */
function UnfollowTag({ name, onDone }: { name: string; onDone: () => void }) {
  const t = useT();
  const toast = useToast();
  const follow = useFollowTag(name);
  const unfollow = () => {
    // The menu is gone by the time of the answer; what failed is told by the hook.
    follow.mutateAsync(false).then(
      () => toast.say(t('tag.unfollowed', { name }), { label: t('action.undo'), run: () => follow.mutate(true) }),
      () => undefined,
    );
    onDone();
  };
  return <Item icon="tag" label={t('tag.unfollow', { name })} onClick={unfollow} />;
}
