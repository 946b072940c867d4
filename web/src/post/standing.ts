/** The deeds by which a post's standing changes, and what must be read anew after them. */
import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { keys, patchMedia } from '../api/cache';
import { list, request, type Cursor } from '../api/client';
import type { Media } from '../api/types';
import { useT, type MessageKey } from '../i18n';
import { useToast } from '../ui/Toasts';
import './messages';

const path = (id: string, what: string) => `/v1/media/${encodeURIComponent(id)}/${what}`;

export const archivedKey = ['media', 'archived'] as const;

export const archived = (after: Cursor | null) => list<Media>('/v1/users/self/media/archived', after, { query: { count: 24 } });

export type Deed = 'archive' | 'unarchive' | 'pin' | 'unpin';

const deeds: Record<Deed, { what: 'archive' | 'pin'; on: boolean; back: Deed; said: MessageKey }> = {
  archive: { what: 'archive', on: true, back: 'unarchive', said: 'standing.archived' },
  unarchive: { what: 'archive', on: false, back: 'archive', said: 'standing.unarchived' },
  pin: { what: 'pin', on: true, back: 'unpin', said: 'standing.pinned' },
  unpin: { what: 'pin', on: false, back: 'pin', said: 'standing.unpinned' },
};

/** A post with a mark, or without it. */
function marked(media: Media, mark: 'is_archived' | 'is_pinned', on: boolean): Media {
  const out = { ...media };
  if (on) out[mark] = true;
  else delete out[mark];
  return out;
}

function show(client: QueryClient, media: Media, deed: Deed): void {
  const { what, on } = deeds[deed];
  const page = keys.post(media.shortcode ?? '');
  if (what === 'archive') {
    patchMedia(client, media.id, () => null); // each is in the other lists by now
    client.setQueryData<Media>(page, (m) => m && marked(m, 'is_archived', on));
    void client.invalidateQueries({ queryKey: ['media'], predicate: (q) => q.queryKey[1] !== 'post' });
    void client.invalidateQueries({ queryKey: ['user'] });
    void client.invalidateQueries({ queryKey: ['map'] });
    return;
  }
  patchMedia(client, media.id, (m) => marked(m, 'is_pinned', on));
  void client.invalidateQueries({ queryKey: keys.userMedia(media.user.id) });
}

/** Archives, brings back, pins or unpins; a word says so, and offers to take it back. */
export function useStanding(media: Media) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const change = useMutation({
    mutationFn: (deed: Deed) => request<null>(deeds[deed].on ? 'PUT' : 'DELETE', path(media.id, deeds[deed].what)),
    onSuccess: (_, deed) => show(client, media, deed),
    onError: toast.fail,
  });
  return (deed: Deed) => {
    // Whoever asked is gone by the time of the answer, and what failed was told.
    change.mutateAsync(deed).then(
      () => toast.say(t(deeds[deed].said), { label: t('action.undo'), run: () => change.mutate(deeds[deed].back) }),
      () => undefined,
    );
  };
}
