import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { flat, keys, mapPages, setRelationship, type Pages } from '../api/cache';
import * as api from '../api/endpoints';
import type { RelationshipAction } from '../api/endpoints';
import type { Relationship, User, UserShort } from '../api/types';
import { useSelf } from '../session';
import { useToast } from '../ui/Toasts';

/** What lies between the viewer and a user; asks the server unless it is known. */
export function useRelationship(id: string, known?: Relationship): Relationship | undefined {
  const self = useSelf();
  return useQuery({
    queryKey: keys.relationship(id),
    queryFn: () => api.users.relationship(id),
    enabled: Boolean(self) && self?.id !== id,
    staleTime: 60_000,
    ...(known ? { initialData: known } : {}),
  }).data;
}

/** What a relationship will be after an action, as far as this side can tell. */
export function expected(now: Relationship, action: RelationshipAction): Relationship {
  switch (action) {
    case 'follow':
      return { ...now, outgoing_status: now.target_user_is_private ? 'requested' : 'follows' };
    case 'unfollow':
      return { ...now, outgoing_status: 'none' };
    case 'block':
      return { ...now, outgoing_status: 'none', incoming_status: 'blocked_by_you' };
    case 'approve':
      return { ...now, incoming_status: 'followed_by' };
    case 'unblock':
    case 'deny':
    case 'remove_follower':
      return { ...now, incoming_status: 'none' };
  }
}

const nothing: Relationship = { outgoing_status: 'none', incoming_status: 'none' };

/** Changes the relationship with a user at once, and takes it back with a word if the server says no. */
export function useRelate(user: UserShort) {
  const client = useQueryClient();
  const toast = useToast();
  const mutation = useMutation({
    scope: { id: `relate:${user.id}` },
    mutationFn: ({ action }: { action: RelationshipAction; before: Relationship }) => api.users.relate(user.id, action),
    onSuccess: (now, { action, before }) => {
      setRelationship(client, user.id, now);
      countFollow(client, user, before, now);
      if (action === 'approve' || action === 'deny') dropRequest(client, user.id);
      if (action === 'remove_follower') {
        client.setQueriesData<Pages<UserShort>>({ queryKey: ['people', 'followed-by'] }, (d) => d && mapPages(d, (u) => (u.id === user.id ? null : u)));
      }
      // What may be seen has changed with it.
      if (action !== 'deny') void client.invalidateQueries({ queryKey: ['media'] });
      if (action === 'block' || action === 'unblock') void client.invalidateQueries({ queryKey: ['user'] });
    },
    onError: (error, { before }) => {
      setRelationship(client, user.id, before);
      toast.fail(error);
    },
  });
  return {
    busy: mutation.isPending,
    relate: (action: RelationshipAction) => {
      const before = client.getQueryData<Relationship>(keys.relationship(user.id)) ?? nothing;
      setRelationship(client, user.id, expected(before, action));
      mutation.mutate({ action, before });
    },
  };
}

type Client = ReturnType<typeof useQueryClient>;

function countFollow(client: Client, user: UserShort, before: Relationship, now: Relationship): void {
  const by = Number(now.outgoing_status === 'follows') - Number(before.outgoing_status === 'follows');
  if (by === 0) return;
  client.setQueriesData<User>({ queryKey: ['user'] }, (u) =>
    u?.id === user.id ? { ...u, counts: { ...u.counts, followed_by: Math.max(0, u.counts.followed_by + by) } } : u,
  );
}

function dropRequest(client: Client, id: string): void {
  client.setQueryData<Pages<UserShort>>(keys.requests, (d) => d && mapPages(d, (u) => (u.id === id ? null : u)));
  if (flat(client.getQueryData<Pages<UserShort>>(keys.requests)).length === 0) void client.invalidateQueries({ queryKey: keys.requests });
}
