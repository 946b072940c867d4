import { useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { setRelationship } from '../api/cache';
import type { UserShort } from '../api/types';
import { useToast } from '../ui/Toasts';
import { keys, setStance, type StanceAction } from './api';

interface Change {
  action: StanceAction;
  activity?: boolean;
}

/** Asks anew for what depends on whom one muted or restricted. */
function refresh(client: QueryClient) {
  for (const key of [['media', 'feed'], ['media', 'popular'], ['suggested'], ['activity'], keys.muted, keys.restricted]) {
    void client.invalidateQueries({ queryKey: key });
  }
}

/**
 * Mutes and restricts a user, and undoes both; whatever lists or counts it touches is asked for anew. Where `later`, that
 * is done when the caller is gone: the post from whose menu a dialog was opened would go out of the feed, and the dialog with it.
 */
export function useStance(user: UserShort, { later = false }: { later?: boolean } = {}) {
  const client = useQueryClient();
  const toast = useToast();
  const wait = useRef(later);
  const due = useRef(false);
  useEffect(() => {
    wait.current = later;
    return () => {
      wait.current = false;
      if (due.current) refresh(client);
      due.current = false;
    };
  }, [client, later]);
  return useMutation({
    scope: { id: `stance:${user.id}` },
    mutationFn: ({ action, activity = false }: Change) => setStance(user.id, action, activity),
    onSuccess: (now) => {
      setRelationship(client, user.id, now);
      if (wait.current) due.current = true;
      else refresh(client);
    },
    onError: toast.fail,
  });
}
