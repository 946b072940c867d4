import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { keys as first } from '../api/cache';
import { ApiError } from '../api/client';
import * as users from '../api/endpoints';
import type { User } from '../api/types';
import { useI18n, useT } from '../i18n';
import { MenuItem as Item } from '../ui/MenuItem';
import { PostPages } from '../post/PostPages';
import { useSelf } from '../session';
import { NotFound } from '../shell/NotFound';
import { PageHead } from '../shell/PageHead';
import { IconButton } from '../ui/Button';
import { ConfirmDialog, Dialog } from '../ui/Dialog';
import { useTitle } from '../ui/hooks';
import { Icon } from '../ui/Icon';
import { Spinner } from '../ui/Splash';
import { EmptyState, ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import AlbumEditor from './AlbumEditor';
import { albums, keys } from './api';
import ShareSecret from './ShareSecret';
import type { Album } from './types';
import './collect.css';
import './messages';

/** /{username}/albums/{id}: one album. */
export default function AlbumPage({ username, id }: { username: string; id: string }) {
  const t = useT();
  const { rich } = useI18n();
  const mine = useSelf()?.username === username;
  const owner = useQuery({ queryKey: first.user(username), queryFn: () => users.users.byUsername(username) });
  const query = useQuery({ queryKey: keys.album(id), queryFn: () => albums.get(id) });
  useTitle(query.data?.title);
  const error = owner.error ?? query.error;
  if (error) {
    if (error instanceof ApiError && error.status < 500 && !error.network) return <NotFound text={t('album.none')} />;
    return <ErrorState error={error} onRetry={() => void Promise.all([owner.refetch(), query.refetch()])} />;
  }
  if (!owner.data || !query.data) return <Spinner />;
  const album = query.data;
  if (album.user_id !== owner.data.id) return <NotFound text={t('album.none')} />;
  return (
    <>
      <PageHead title={album.title} back>
        {mine && <Options album={album} user={owner.data} />}
      </PageHead>
      <div className="kept">
        <p className="kept__lead">
          {rich('album.by', { name: <Link key="name" href={`/${username}`}>{owner.data.full_name || username}</Link> })}
          {album.is_private && (
            <>
              {' · '}
              <Icon name="lock" size={14} /> {t('album.onlyMe')}
            </>
          )}
        </p>
        {album.description && <p className="kept__text">{album.description}</p>}
        <PostPages queryKey={keys.albumMedia(id)} load={(after) => albums.media(id, after)} empty={<EmptyState icon="album" title={t('album.emptyPosts')} />} />
      </div>
    </>
  );
}

function Options({ album, user }: { album: Album; user: User }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<'menu' | 'edit' | 'share' | 'delete' | null>(null);
  const close = () => setOpen(null);
  const remove = useMutation({
    mutationFn: () => albums.remove(album.id),
    onSuccess: () => {
      navigate(`/${user.username}/albums`, { replace: true });
      void client.invalidateQueries({ queryKey: keys.albums(user.id) });
      toast.say(t('album.deleted'));
    },
    onError: toast.fail,
  });
  return (
    <>
      <IconButton icon="more" label={t('album.options')} aria-haspopup="dialog" onClick={() => setOpen('menu')} />
      {open === 'menu' && (
        <Dialog title={t('album.options')} onClose={close} sheet bare>
          <ul className="menu">
            <Item icon="edit" label={t('album.edit')} onClick={() => setOpen('edit')} />
            <Item icon="link" label={t('link.title')} onClick={() => setOpen('share')} />
            <Item icon="trash" danger label={t('album.delete')} onClick={() => setOpen('delete')} />
            <Item icon="close" label={t('action.cancel')} onClick={close} />
          </ul>
        </Dialog>
      )}
      {open === 'edit' && <AlbumEditor user={user} album={album} onClose={close} />}
      {open === 'share' && <ShareSecret of={{ album_id: album.id }} onClose={close} />}
      {open === 'delete' && (
        <ConfirmDialog title={t('album.delete')} text={t('album.deleteText')} action={t('action.delete')} busy={remove.isPending} onClose={close} onConfirm={() => remove.mutate()} />
      )}
    </>
  );
}
