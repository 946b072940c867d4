import { useMutation, useQueryClient } from '@tanstack/react-query';
import { keys } from '../api/cache';
import type { UserShort } from '../api/types';
import { useT } from '../i18n';
import { useToast } from '../ui/Toasts';
import { friends, friendsKey } from './api';
import './messages';

/** Puts somebody on the list of close friends or takes them off; a word says so, and offers to take it back. */
export function useSetFriend() {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const change = useMutation({
    mutationFn: ({ user, on }: { user: UserShort; on: boolean }) => friends.set(user.id, on),
    onSuccess: (_, { user }) => {
      void client.invalidateQueries({ queryKey: friendsKey });
      void client.invalidateQueries({ queryKey: keys.relationship(user.id) });
    },
    onError: toast.fail,
  });
  return {
    busy: (user: UserShort) => change.isPending && change.variables.user.id === user.id,
    set: (user: UserShort, on: boolean) => {
      change.mutateAsync({ user, on }).then(
        () =>
          toast.say(t(on ? 'friends.added' : 'friends.removed', { name: user.username }), {
            label: t('action.undo'),
            run: () => change.mutate({ user, on: !on }),
          }),
        () => undefined, // it was told
      );
    },
  };
}
