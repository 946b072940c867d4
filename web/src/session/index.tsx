/** Who is signed in, and what to do when that ends. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { Redirect } from 'wouter';
import { keys } from '../api/cache';
import { ApiError, setUnauthenticatedHandler } from '../api/client';
import * as api from '../api/endpoints';
import type { Self, Site } from '../api/types';
import { ErrorState } from '../ui/States';
import { Splash } from '../ui/Splash';

async function fetchSelf(): Promise<Self | null> {
  try {
    return await api.self.get();
  } catch (e) {
    if (e instanceof ApiError && e.unauthenticated) return null;
    throw e;
  }
}

/** The signed-in user; null for nobody; undefined until known. */
export function useSelf(): Self | null | undefined {
  return useQuery({ queryKey: keys.self, queryFn: fetchSelf, staleTime: 60_000 }).data;
}

export function useSite(): Site | undefined {
  return useQuery({ queryKey: keys.site, queryFn: api.site.get, staleTime: 300_000 }).data;
}

/** When the server says that the session is gone, everything that needs one moves to the sign-in page. */
export function SessionWatch() {
  const client = useQueryClient();
  useEffect(() => {
    setUnauthenticatedHandler(() => {
      if (client.getQueryData(keys.self)) client.setQueryData(keys.self, null);
    });
  }, [client]);
  return null;
}

/** A path of this site to go back to after signing in; anything else is home. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/';
}

export function signInPath(): string {
  const here = location.pathname + location.search;
  return here === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(here)}`;
}

/** Shows its children to signed-in users, and the sign-in page to everybody else. */
export function RequireAuth({ children }: { children: ReactNode }) {
  const query = useQuery({ queryKey: keys.self, queryFn: fetchSelf, staleTime: 60_000 });
  if (query.data) return children;
  if (query.data === null) return <Redirect to={signInPath()} replace />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <Splash />;
}
