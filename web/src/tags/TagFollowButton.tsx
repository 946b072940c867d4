import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import { useT } from '../i18n';
import { useSelf } from '../session';
import { Button } from '../ui/Button';
import { useToast } from '../ui/Toasts';
import type { TagRelationship } from './types';

/** Follows a tag at once, and takes it back with a word if the server says no. */
export function TagFollowButton({ name, known }: { name: string; known?: TagRelationship }) {
  const t = useT();
  const self = useSelf();
  const client = useQueryClient();
  const toast = useToast();
  const key = keys.tagRelationship(name);
  const { data } = useQuery({
    queryKey: key,
    queryFn: () => api.tags.relationship(name),
    enabled: Boolean(self),
    staleTime: 60_000,
    ...(known ? { initialData: known } : {}),
  });
  const mutation = useMutation({
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
  if (!self) return null;
  const follows = data?.outgoing_status === 'follows';
  return (
    <Button
      kind={follows ? 'quiet' : 'primary'}
      className="follow-button"
      disabled={!data}
      aria-label={t(follows ? 'tag.unfollowName' : 'tag.followName', { name })}
      onClick={() => mutation.mutate(!follows)}
    >
      {t(follows ? 'follow.following' : 'follow.follow')}
    </Button>
  );
}
