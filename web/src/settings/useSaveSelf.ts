import { useMutation, useQueryClient } from '@tanstack/react-query';
import { keys } from '../api/cache';
import * as api from '../api/endpoints';
import type { Self } from '../api/types';
import { useT } from '../i18n';
import { useToast } from '../ui/Toasts';
import './messages';

/** Saves parts of one's own profile. */
export function useSaveSelf() {
  const t = useT();
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: api.self.update,
    onSuccess: (fresh) => {
      client.setQueryData<Self | null>(keys.self, (s) => (s ? { ...s, has_map: false, ...fresh } : s));
      void client.invalidateQueries({ queryKey: ['user'] });
      void client.invalidateQueries({ queryKey: ['media'] });
      void client.invalidateQueries({ queryKey: ['map'] });
      toast.say(t('settings.saved'));
    },
  });
}
