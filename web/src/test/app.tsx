/** What components need around them, and a server made of answers. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { Router } from 'wouter';
import { memoryLocation } from 'wouter/memory-location';
import { keys } from '../api/cache';
import type { Media, Self, Site, UserShort } from '../api/types';
import { I18nProvider } from '../i18n';
import { ToastProvider } from '../ui/Toasts';

export const ada: UserShort = { id: '7', username: 'ada', full_name: 'Ada', profile_picture: '/avatars/7' };

export const me: Self = {
  id: '1', username: 'me', full_name: 'Me', profile_picture: '/avatars/1', bio: '', website: '', is_private: false,
  counts: { media: 0, follows: 0, followed_by: 0 }, email: 'me@example.org', is_admin: false, is_moderator: false, locale: 'en', unread_activity: 0, hides_likes: false,
};

const site: Site = {
  name: 'Tintype', version: '1', signup: 'open', needs_first_user: false, accepts: ['image/jpeg'], leave_days: 30,
  limits: { caption: 2200, comment: 1000, alt_text: 1000, bio: 300, media_per_post: 20, upload_bytes: 1e7, megapixels: 50 },
};

const image = { url: '/m/abc/k/640.jpg', width: 640, height: 640 };

export function aPost(over: Partial<Media> = {}): Media {
  return {
    id: '9_7', type: 'image', filter: 'Normal', created_time: '1700000000', edited_time: null, link: 'https://photos.example/p/abc', shortcode: 'abc',
    tags: [], location: null, caption: null, comments: { count: 0, data: [] }, likes: { count: 3, data: [ada] }, user_has_liked: false, user: ada,
    images: { thumbnail: image, low_resolution: image, standard_resolution: image }, renditions: [], blurhash: '', alt_text: '', width: 640, height: 640, camera: null,
    ...over,
  };
}

/** Renders a page at `path` for `self`, or for nobody. */
export function renderApp(children: ReactNode, { self = me, path = '/' }: { self?: Self | null; path?: string } = {}) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
  client.setQueryData(keys.self, self);
  client.setQueryData(keys.site, site);
  const place = memoryLocation({ path, record: true });
  const view = render(
    <QueryClientProvider client={client}>
      <Router hook={place.hook} searchHook={place.searchHook}>
        <I18nProvider initial="en">
          <ToastProvider>{children}</ToastProvider>
        </I18nProvider>
      </Router>
    </QueryClientProvider>,
  );
  return { ...view, client, path: () => place.history.at(-1) };
}

/** An answer of the server. */
export function answer(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
}

export const ok = (data: unknown, pagination?: unknown) => answer({ meta: { code: 200 }, data, pagination });

export function refusal(status: number, type: string, message: string, field?: string): Response {
  return answer({ meta: { code: status, error_type: type, error_message: message, field } }, status);
}

/** The network: answers each request with what `respond` gives. Returns the requests made. */
export function network(respond: (method: string, url: string, init: RequestInit) => Response | Promise<Response>) {
  const fetch = vi.fn((url: string, init: RequestInit = {}) => Promise.resolve().then(() => respond(init.method ?? 'GET', url, init)));
  vi.stubGlobal('fetch', fetch);
  return {
    made: () => fetch.mock.calls.map(([url, init]) => `${init?.method ?? 'GET'} ${url}`),
    header: (i: number, name: string) => new Headers(fetch.mock.calls[i]?.[1]?.headers).get(name),
    body: (i: number): unknown => JSON.parse(fetch.mock.calls[i]?.[1]?.body as string),
  };
}

/** A response to be given, or refused, when the test says so. */
export function later() {
  let resolve!: (r: Response) => void;
  const promise = new Promise<Response>((r) => (resolve = r));
  return { promise, resolve };
}
