import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useT } from '../i18n';
import { useToast } from '../ui/Toasts';
import { changeSafety, getSafety, keys } from './api';
import type { Safety } from './types';
import './messages';

/** What one set for comments and for one's feed, and how it is changed: at once here, and taken back if the server says no. */
export function useSafety() {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  const query = useQuery({ queryKey: keys.safety, queryFn: getSafety });
  const change = useMutation({
    scope: { id: 'safety' },
    mutationFn: ({ patch }: { patch: Partial<Safety>; say?: Parameters<typeof toast.say> }) => changeSafety(patch),
    onSuccess: (now, { say }) => {
      client.setQueryData(keys.safety, now);
      void client.invalidateQueries({ queryKey: ['media'] });
      toast.say(...(say ?? ([t('words.saved')] as const)));
    },
    onError: toast.fail,
  });
  return { query, change };
}
