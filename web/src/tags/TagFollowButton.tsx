import { useQuery } from '@tanstack/react-query';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import { useT } from '../i18n';
import { useSelf } from '../session';
import { Button } from '../ui/Button';
import type { TagRelationship } from './types';
import { useFollowTag } from './useFollowTag';

/** Whether one follows a tag, and the way to change it. */
export function TagFollowButton({ name, known }: { name: string; known?: TagRelationship }) {
  const t = useT();
  const self = useSelf();
  const { data } = useQuery({
    queryKey: keys.tagRelationship(name),
    queryFn: () => api.tags.relationship(name),
    enabled: Boolean(self),
    staleTime: 60_000,
    ...(known ? { initialData: known } : {}),
  });
  const mutation = useFollowTag(name);
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
