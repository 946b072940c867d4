import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useToast } from '../../ui/Toasts';
import { importsApi, type Deed, type Import } from './api';

export const importsKey = ['imports'];

/** Does something with an import, and shows how it is then. */
export function useDeed(id: string) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (deed: Deed) => importsApi.act(id, deed),
    onSuccess: (i) => {
      client.setQueryData<Import[]>(importsKey, (list) => list?.map((o) => (o.id === i.id ? i : o)));
      void client.invalidateQueries({ queryKey: ['import-items', id] });
    },
    onError: toast.fail,
  });
}
