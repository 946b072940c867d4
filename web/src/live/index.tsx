/** What the server says while the page is open, by server-sent events. */
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useMemo, useRef, type ReactNode } from 'react';
import { keys, patchMedia } from '../api/cache';
import type { Self } from '../api/types';
import { useSelf } from '../session';

/** "feed": there may be new posts. Also sent when the line was down and is up again, as anything may have been missed. */
type Listener = () => void;

const Context = createContext<Set<Listener> | null>(null);

const hiddenFor = 60_000; // a page out of sight gives its connection back after this many ms

function parse<T>(e: Event): T | null {
  try {
    return JSON.parse((e as MessageEvent<string>).data) as T;
  } catch {
    return null;
  }
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const id = useSelf()?.id;
  const listeners = useMemo(() => new Set<Listener>(), []);

  useEffect(() => {
    if (!id || typeof EventSource === 'undefined') return;
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let tries = 0;
    let missed = false;

    const open = () => {
      clearTimeout(timer);
      if (source && source.readyState !== EventSource.CLOSED) return;
      source = new EventSource('/v1/events');
      source.onopen = () => {
        tries = 0;
        if (missed) {
          missed = false;
          listeners.forEach((l) => l());
          void client.invalidateQueries({ queryKey: keys.self });
          void client.invalidateQueries({ queryKey: keys.activity });
        }
      };
      source.onerror = () => {
        missed = true;
        if (source?.readyState !== EventSource.CLOSED) return; // it reconnects by itself
        // Refused: perhaps the session is over (asking tells), perhaps the server is busy.
        void client.invalidateQueries({ queryKey: keys.self });
        timer = setTimeout(open, Math.min(60_000, 2000 * 2 ** tries++));
      };
      source.addEventListener('feed', () => listeners.forEach((l) => l()));
      source.addEventListener('activity', (e) => {
        const event = parse<{ unread: number }>(e);
        client.setQueryData<Self | null>(keys.self, (s) => (s && event ? { ...s, unread_activity: event.unread } : s));
        void client.invalidateQueries({ queryKey: keys.activity });
        void client.invalidateQueries({ queryKey: keys.requests });
      });
      source.addEventListener('media', (e) => {
        const event = parse<{ id: string; likes: number; comments: number }>(e);
        if (!event) return;
        patchMedia(client, event.id, (m) => ({
          ...m,
          likes: { ...m.likes, count: event.likes },
          comments: { ...m.comments, count: event.comments },
        }));
      });
    };
    const close = () => {
      source?.close();
      source = null;
      missed = true;
    };
    const onVisibility = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') open();
      else timer = setTimeout(close, hiddenFor);
    };

    open();
    document.addEventListener('visibilitychange', onVisibility);
    window.addEventListener('online', open);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
      window.removeEventListener('online', open);
      close();
    };
  }, [id, client, listeners]);

  return <Context.Provider value={listeners}>{children}</Context.Provider>;
}

/** Calls back when there may be new posts in the feed. */
export function useFeedEvents(onNews: Listener): void {
  const listeners = useContext(Context);
  const callback = useRef(onNews);
  useEffect(() => {
    callback.current = onNews;
  });
  useEffect(() => {
    const listener = () => callback.current();
    listeners?.add(listener);
    return () => void listeners?.delete(listener);
  }, [listeners]);
}
