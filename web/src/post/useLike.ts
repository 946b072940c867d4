import { useMutation, useQueryClient } from '@tanstack/react-query';
import { patchMedia } from '../api/cache';
import * as api from '../api/endpoints';
import type { Media, Self } from '../api/types';
import { useSelf } from '../session';
import { useToast } from '../ui/Toasts';

/** The post as it looks once `self` likes it, or likes it no more. Saying the same twice changes nothing. */
export function withLike(m: Media, liked: boolean, self: Self | null | undefined): Media {
  if ((m.user_has_liked ?? false) === liked) return m;
  const others = m.likes.data.filter((u) => u.id !== self?.id);
  const short = self && { id: self.id, username: self.username, full_name: self.full_name, profile_picture: self.profile_picture };
  return {
    ...m,
    user_has_liked: liked,
    likes: { count: Math.max(0, m.likes.count + (liked ? 1 : -1)), data: liked && short ? [short, ...others] : others },
  };
}

/** Likes and unlikes at once, and takes it back if the server will not have it. */
export function useLike(media: Media) {
  const client = useQueryClient();
  const self = useSelf();
  const toast = useToast();
  const mutation = useMutation({
    // One after the other: the last word must be the last to arrive.
    scope: { id: `like:${media.id}` },
    mutationFn: (liked: boolean) => (liked ? api.media.like(media.id) : api.media.unlike(media.id)),
    onError: (error, liked) => {
      patchMedia(client, media.id, (m) => withLike(m, !liked, self));
      toast.fail(error);
    },
  });
  return (liked: boolean) => {
    if ((media.user_has_liked ?? false) === liked) return;
    // Not in onMutate: that waits for its turn in the scope.
    patchMedia(client, media.id, (m) => withLike(m, liked, self));
    mutation.mutate(liked);
  };
}
