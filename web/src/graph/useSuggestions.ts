import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { keys } from '../api/cache';
import type { ListPage } from '../api/client';
import * as api from '../api/endpoints';
import { useT, type T } from '../i18n';
import { useToast } from '../ui/Toasts';
import type { Suggestion } from './types';

/** People to follow, and how to have one of them go. Those just followed stay until the list is loaded anew, so that nothing jumps. */
export function useSuggestions(enabled = true) {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const query = useQuery({ queryKey: keys.suggested, queryFn: api.users.suggested, staleTime: Infinity, enabled });
  const put = (change: (items: Suggestion[]) => Suggestion[]) =>
    client.setQueryData<ListPage<Suggestion>>(keys.suggested, (d) => d && { ...d, items: change(d.items) });
  const recall = useMutation({ mutationFn: ({ user }: { user: Suggestion; at: number }) => api.users.recall(user.id), onError: toast.fail });
  const bring = (user: Suggestion, at: number) => put((items) => [...items.slice(0, at), user, ...items.slice(at)]);
  const dismiss = useMutation({
    mutationFn: ({ user }: { user: Suggestion; at: number }) => api.users.dismiss(user.id),
    onMutate: ({ user }) => put((items) => items.filter((u) => u.id !== user.id)),
    onSuccess: (_, { user, at }) =>
      toast.say(t('suggest.dismissed', { name: user.username }), {
        label: t('action.undo'),
        run: () => {
          bring(user, at);
          recall.mutate({ user, at });
        },
      }),
    onError: (error, { user, at }) => {
      bring(user, at);
      toast.fail(error);
    },
  });
  const people = query.data?.items ?? [];
  return { query, people, dismiss: (user: Suggestion) => dismiss.mutate({ user, at: people.indexOf(user) }) };
}

/** Why somebody is suggested, in words. */
export function reasonText(t: T, { kind, names, count }: Suggestion['reason']): string {
  const [a, b] = names;
  switch (kind) {
    case 'followed_by': {
      const rest = count - names.length;
      if (a === undefined) return t('suggest.byCount', { count });
      if (b === undefined) return rest > 0 ? t('suggest.byOneMore', { a, rest }) : t('suggest.byOne', { a });
      return rest > 0 ? t('suggest.byTwoMore', { a, b, rest }) : t('suggest.byTwo', { a, b });
    }
    case 'tag':
      return t('suggest.tag', { name: a ?? '' });
    case 'popular':
      return t('suggest.popular');
    case 'new':
      return t('suggest.new');
  }
}
