import { useMutation, useQueryClient } from '@tanstack/react-query';
import { compareIds, flat, keys, mapPages, patchMedia, type Pages } from '../api/cache';
import { randomKey } from '../api/client';
import * as api from '../api/endpoints';
import type { Comment, Media } from '../api/types';
import { useSelf } from '../session';
import { useListing } from '../ui/Listing';
import { useToast } from '../ui/Toasts';

/** A comment that is on its way has an ID that no server gives. */
export function isPending(c: Comment): boolean {
  return c.id.startsWith('pending-');
}

function byAge(a: Comment, b: Comment): number {
  if (isPending(a) !== isPending(b)) return isPending(a) ? 1 : -1;
  return compareIds(a.id, b.id);
}

/** All comments loaded so far, oldest first. */
export function useComments(media: Media) {
  const query = useListing(keys.comments(media.id), (after) => api.media.comments(media.id, after));
  const unique = new Map(flat(query.data).map((c) => [c.id, c]));
  return { query, comments: [...unique.values()].sort(byAge) };
}

function bump(m: Media, by: number, data: (list: Comment[]) => Comment[]): Media {
  return { ...m, comments: { count: Math.max(0, m.comments.count + by), data: data(m.comments.data) } };
}

/** Posts a comment at once in every view of the post. On failure it goes away again and `onFail` gets the text back. */
export function usePostComment(media: Media, onFail: (text: string) => void) {
  const client = useQueryClient();
  const self = useSelf();
  const toast = useToast();

  const edit = (change: (list: Comment[]) => Comment[], by: number) => {
    patchMedia(client, media.id, (m) => bump(m, by, change));
    client.setQueryData<Pages<Comment>>(keys.comments(media.id), (d) => {
      if (!d) return d;
      const [first, ...rest] = d.pages;
      return first ? { ...d, pages: [{ ...first, items: change(first.items) }, ...rest] } : d;
    });
  };

  const mutation = useMutation({
    scope: { id: `comment:${media.id}` },
    mutationFn: ({ text, key }: { text: string; key: string; pending: string }) => api.media.comment(media.id, text, key),
    onSuccess: (comment, { pending }) => edit((l) => [...l.filter((c) => c.id !== pending && c.id !== comment.id), comment], 0),
    onError: (error, { pending, text }) => {
      edit((l) => l.filter((c) => c.id !== pending), -1);
      onFail(text);
      toast.fail(error);
    },
  });

  return (text: string) => {
    if (!self) return;
    const pending = `pending-${randomKey()}`;
    edit((l) => [...l, { id: pending, created_time: String(Math.floor(Date.now() / 1000)), text, from: self }], 1);
    mutation.mutate({ text, key: randomKey(), pending });
  };
}

/** Takes a comment away at once, and puts it back if the server says no. */
export function useDeleteComment(media: Media) {
  const client = useQueryClient();
  const toast = useToast();
  const mutation = useMutation({
    mutationFn: (c: Comment) => api.media.removeComment(media.id, c.id),
    onError: (error) => {
      toast.fail(error);
      void client.invalidateQueries({ queryKey: keys.comments(media.id) });
      void client.invalidateQueries({ queryKey: ['media'] });
    },
  });
  return (comment: Comment) => {
    const without = (l: Comment[]) => l.filter((c) => c.id !== comment.id);
    patchMedia(client, media.id, (m) => bump(m, -1, without));
    client.setQueryData<Pages<Comment>>(keys.comments(media.id), (d) => d && mapPages(d, (c) => (c.id === comment.id ? null : c)));
    mutation.mutate(comment);
  };
}
