import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { keys } from '../api/cache';
import { randomKey } from '../api/client';
import { useT } from '../i18n';
import { useToast } from '../ui/Toasts';
import { toPost } from './draft';
import { publish, type NewPost } from './send';
import type { Composing } from './useDraft';
import './messages';

export interface Publishing {
  /** waiting: for the uploads; sending: for the server, which is making the prints. */
  state: 'idle' | 'waiting' | 'sending';
  busy: boolean;
  /** Why the last try failed; null if it did not. */
  error: unknown;
  start: () => void;
  cancel: () => void;
}

/** Publishes the draft as soon as its uploads are there. A failure keeps everything. */
export function usePublish({ draft, clear }: Composing, user: string): Publishing {
  const t = useT();
  const toast = useToast();
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [wanted, setWanted] = useState(false);
  // The same post keeps its key, so that a lost answer does not publish it twice.
  const tried = useRef<{ body: string; key: string } | null>(null);

  const { mutate, isPending, error } = useMutation({
    mutationFn: (post: NewPost) => {
      const body = JSON.stringify(post);
      if (tried.current?.body !== body) tried.current = { body, key: randomKey() };
      return publish(post, tried.current.key);
    },
    onMutate: () => setWanted(false),
    onSuccess: (media) => {
      clear(true);
      void client.invalidateQueries({ queryKey: keys.feed });
      void client.invalidateQueries({ queryKey: keys.userMedia(user) });
      void client.invalidateQueries({ queryKey: ['user'] });
      const code = media.shortcode ?? media.link.split('/p/')[1]?.replace(/\/.*/, '');
      toast.say(t('compose.published'), code ? { label: t('compose.view'), run: () => navigate(`/p/${code}`) } : undefined);
      navigate('/');
    },
  });

  const failed = draft.photos.some((p) => p.upload.state === 'failed');
  const waiting = wanted && !failed && !isPending;
  const post = waiting ? toPost(draft) : undefined;
  const ready = post !== undefined;
  const latest = useRef(post);
  useEffect(() => {
    latest.current = post;
  });
  useEffect(() => {
    if (ready && latest.current) mutate(latest.current);
  }, [ready, mutate]);

  return {
    state: isPending ? 'sending' : waiting ? 'waiting' : 'idle',
    busy: isPending || waiting,
    error,
    start: () => setWanted(true),
    cancel: () => setWanted(false),
  };
}
