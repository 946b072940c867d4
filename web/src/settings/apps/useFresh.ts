import { useQueryClient } from '@tanstack/react-query';
import type { App } from '../../api/types';

/** Puts what the server says of an app where the pages look for it. */
export function useFresh() {
  const client = useQueryClient();
  return ({ client_secret: _, ...app }: App) => {
    client.setQueryData(['apps', app.id], app);
    void client.invalidateQueries({ queryKey: ['apps'], exact: true });
  };
}
