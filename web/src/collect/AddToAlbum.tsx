import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { samePost } from '../api/cache';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { MenuItem as Item } from '../ui/MenuItem';
import { Dialog } from '../ui/Dialog';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import { albums, keys } from './api';
import type { Album } from './types';
import './messages';

/** Puts a post of one's own at the end of an album. */
export default function AddToAlbum({ media, onClose }: { media: Media; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const query = useQuery({ queryKey: keys.albums(media.user.id), queryFn: () => albums.of(media.user.id) });
  const add = useMutation({
    mutationFn: async (a: Album) => {
      const now = (await albums.all(a.id)).map((m) => m.id);
      if (!now.some((id) => samePost(id, media.id))) await albums.change(a.id, { media: [...now, media.id] });
    },
    onSuccess: (_, a) => {
      toast.say(t('album.added', { title: a.title }));
      void client.invalidateQueries({ queryKey: keys.albums(media.user.id) });
      void client.invalidateQueries({ queryKey: keys.albumMedia(a.id) });
      onClose();
    },
    onError: toast.fail,
  });
  return (
    <Dialog title={t('album.addTo')} onClose={onClose} sheet>
      {query.isPending && <Spinner />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.items.length === 0 && <p className="dialog__text">{t('album.empty')}</p>}
      <ul className="menu">
        {query.data?.items.map((a) => <Item key={a.id} icon="album" label={a.title} onClick={() => !add.isPending && add.mutate(a)} />)}
        <Item icon="close" label={t('action.cancel')} onClick={onClose} />
      </ul>
    </Dialog>
  );
}
