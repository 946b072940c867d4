import { useMutation, useQueryClient } from '@tanstack/react-query';
import { setRelationship } from '../api/cache';
import type { UserShort } from '../api/types';
import { useToast } from '../ui/Toasts';
import { keys, setStance, type StanceAction } from './api';

interface Change {
  action: StanceAction;
  activity?: boolean;
}

/** Mutes and restricts a user, and undoes both; whatever lists or counts it touches is asked for anew. */
export function useStance(user: UserShort) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    scope: { id: `stance:${user.id}` },
    mutationFn: ({ action, activity = false }: Change) => setStance(user.id, action, activity),
    onSuccess: (now) => {
      setRelationship(client, user.id, now);
      for (const key of [['media', 'feed'], ['media', 'popular'], ['suggested'], ['activity'], keys.muted, keys.restricted]) {
        void client.invalidateQueries({ queryKey: key });
      }
    },
    onError: toast.fail,
  });
}
