import { useMutation, useQueryClient } from '@tanstack/react-query';
import { patchMedia } from '../api/cache';
import * as api from '../api/endpoints';
import type { Media } from '../api/types';
import { useT } from '../i18n';
import { useToast } from '../ui/Toasts';

/** Saves a post, or no longer, at once; takes it back if the server will not have it, and offers to undo what took it out. */
export function useSave(media: Media, sort: () => void) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const show = (user_has_saved: boolean) => patchMedia(client, media.id, (m) => ({ ...m, user_has_saved }));
  const settled = () => {
    void client.invalidateQueries({ queryKey: ['media', 'saved'] });
    void client.invalidateQueries({ queryKey: ['collections'] });
  };
  const restore = useMutation({
    mutationFn: async (into: string[]) => {
      await api.media.save(media.id);
      await Promise.all(into.map((c) => api.media.collect(c, media.id)));
    },
    onSuccess: () => show(true),
    onError: toast.fail,
    onSettled: settled,
  });
  const mutation = useMutation({
    scope: { id: `save:${media.id}` },
    mutationFn: async (on: boolean) => (on ? ((await api.media.save(media.id)), []) : (await api.media.unsave(media.id)).collections),
    onSuccess: (was, on) =>
      on ? toast.say(t('post.saved'), { label: t('post.collect'), run: sort }) : toast.say(t('post.unsaved'), { label: t('action.undo'), run: () => restore.mutate(was) }),
    onError: (error, on) => {
      show(!on);
      toast.fail(error);
    },
    onSettled: settled,
  });
  return (on: boolean) => {
    show(on);
    mutation.mutate(on);
  };
}
