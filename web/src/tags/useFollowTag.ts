import { useMutation, useQueryClient } from '@tanstack/react-query';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import { useToast } from '../ui/Toasts';
import type { TagRelationship } from './types';

/** Follows a tag, or no longer, at once, and takes it back with a word if the server says no. */
export function useFollowTag(name: string) {
  const client = useQueryClient();
  const toast = useToast();
  const key = keys.tagRelationship(name);
  return useMutation({
    scope: { id: `tag:${name}` },
    mutationFn: (follow: boolean) => api.tags.relate(name, follow ? 'follow' : 'unfollow'),
    onMutate: (follow) => client.setQueryData<TagRelationship>(key, { outgoing_status: follow ? 'follows' : 'none' }),
    onSuccess: (now) => {
      client.setQueryData(key, now);
      void client.invalidateQueries({ queryKey: keys.myTags });
      void client.invalidateQueries({ queryKey: keys.feed });
    },
    onError: (error, follow) => {
      client.setQueryData<TagRelationship>(key, { outgoing_status: follow ? 'none' : 'follows' });
      toast.fail(error);
    },
  });
}
