import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { patchMedia } from '../api/cache';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { Spinner } from '../ui/Splash';
import { ErrorState } from '../ui/States';
import { useToast } from '../ui/Toasts';
import { collections, keys, saved } from './api';
import { Face } from './Face';
import { NewCollection } from './NewCollection';
import type { Collection } from './types';
import './messages';

/** In which collections a post is; each is put in and taken out at once. */
export default function PickCollections({ media, onClose }: { media: Media; onClose: () => void }) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const all = useQuery({ queryKey: keys.collections, queryFn: collections.list });
  const state = useQuery({ queryKey: keys.state(media.id), queryFn: () => saved.state(media.id), staleTime: 0 });
  const put = useMutation({
    mutationFn: ({ id, on }: { id: string; on: boolean }) => (on ? collections.put(id, media.id) : collections.take(id, media.id)),
    onSuccess: (_, { on }) => on && patchMedia(client, media.id, (m) => ({ ...m, user_has_saved: true })),
    onError: toast.fail,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: keys.state(media.id) }),
        client.invalidateQueries({ queryKey: keys.collections }),
        client.invalidateQueries({ queryKey: ['media', 'collection'] }),
        client.invalidateQueries({ queryKey: keys.saved }),
      ]),
  });
  const failed = all.error ?? state.error;
  const list = all.data?.items ?? [];
  const isIn = (c: Collection) => (put.isPending && put.variables.id === c.id ? put.variables.on : (state.data?.collections.includes(c.id) ?? false));

  return (
    <Dialog title={t('collection.pick')} onClose={onClose} sheet>
      {(all.isPending || state.isPending) && <Spinner />}
      {failed && <ErrorState error={failed} onRetry={() => void Promise.all([all.refetch(), state.refetch()])} />}
      {all.data && list.length === 0 && <p className="dialog__text">{t('collection.none')}</p>}
      {all.data && state.data && (
        <ul className="pick">
          {list.map((c) => (
            <li key={c.id}>
              <label>
                <Face posts={c.faces.slice(0, 1)} />
                <span className="pick__name">{c.name}</span>
                <input type="checkbox" checked={isIn(c)} onChange={(e) => put.mutate({ id: c.id, on: e.target.checked })} />
              </label>
            </li>
          ))}
        </ul>
      )}
      <NewCollection onMade={(c) => put.mutate({ id: c.id, on: true })} />
      <div className="dialog__actions">
        <Button onClick={onClose}>{t('collection.done')}</Button>
      </div>
    </Dialog>
  );
}
