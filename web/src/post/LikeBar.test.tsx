import { useQuery } from '@tanstack/react-query';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { keys } from '../api/cache';
import type { Media, Self } from '../api/types';
import { en } from '../i18n/messages/en';
import { ada, aPost, later, me, network, ok, refusal, renderApp } from '../test/app';
import { LikeBar, Likers } from './LikeBar';
import { withLike } from './useLike';

/** A post as pages show it: out of the cache. */
function Cached({ first }: { first: Media }) {
  const { data } = useQuery({ queryKey: keys.post('abc'), queryFn: () => first, initialData: first });
  return (
    <>
      <LikeBar media={data} onComment={() => undefined} />
      <Likers media={data} />
    </>
  );
}

const show = (media: Media, self: Self | null = me) => renderApp(<Cached first={media} />, { self });
const heart = () => screen.getByRole('button', { name: /like$/i });
const state = () => ({ pressed: heart().getAttribute('aria-pressed'), likers: document.querySelector('.likers')?.textContent ?? '' });

describe('the like button', () => {
  it('likes before the server answers, and stays so', async () => {
    const reply = later();
    const net = network(() => reply.promise);
    show(aPost());
    expect(state()).toEqual({ pressed: 'false', likers: 'Liked by ada and 2 others' });
    await userEvent.click(heart());
    expect(state()).toEqual({ pressed: 'true', likers: 'Liked by me and 3 others' });
    expect(heart().getAttribute('aria-label')).toBe(en['post.unlike']);
    await waitFor(() => expect(net.made()).toEqual(['POST /v1/media/9_7/likes']));
    reply.resolve(ok(null));
    await reply.promise;
    expect(state()).toEqual({ pressed: 'true', likers: 'Liked by me and 3 others' });
  });

  it('takes it back with the word of the server', async () => {
    const reply = later();
    network(() => reply.promise);
    show(aPost());
    await userEvent.click(heart());
    expect(state().pressed).toBe('true');
    reply.resolve(refusal(400, 'APINotAllowedError', 'this account is private'));
    await screen.findByText('This account is private');
    expect(state()).toEqual({ pressed: 'false', likers: 'Liked by ada and 2 others' });
  });

  it('takes it back when the site cannot be reached', async () => {
    network(() => Promise.reject(new TypeError('Failed to fetch')));
    show(aPost({ user_has_liked: true, likes: { count: 1, data: [me] } }));
    await userEvent.click(heart());
    await screen.findByText(en['error.network']);
    expect(state()).toEqual({ pressed: 'true', likers: 'Liked by me' });
  });

  it('sends the last word last', async () => {
    const first = later();
    const net = network((method) => (method === 'POST' ? first.promise : ok(null)));
    show(aPost());
    await userEvent.click(heart());
    await userEvent.click(heart());
    expect(state().pressed).toBe('false');
    expect(net.made()).toEqual(['POST /v1/media/9_7/likes']);
    first.resolve(ok(null));
    await waitFor(() => expect(net.made()).toEqual(['POST /v1/media/9_7/likes', 'DELETE /v1/media/9_7/likes']));
    expect(state()).toEqual({ pressed: 'false', likers: 'Liked by ada and 2 others' });
  });

  it('leads those who are not signed in to where they may', async () => {
    const net = network(() => ok(null));
    const view = show(aPost(), null);
    await userEvent.click(heart());
    expect(view.path()).toMatch(/^\/sign-in/);
    expect(net.made()).toEqual([]);
    expect(state().pressed).toBe('false');
  });
});

describe('a like', () => {
  it('said twice counts once', () => {
    const once = withLike(aPost(), true, me);
    expect(once.likes).toEqual({ count: 4, data: [expect.objectContaining({ id: '1' }), ada] });
    expect(withLike(once, true, me)).toBe(once);
    expect(withLike(once, false, me).likes).toEqual({ count: 3, data: [ada] });
  });

  it('of the viewer tells nothing private', () => {
    expect(Object.keys(withLike(aPost(), true, me).likes.data[0]!).sort()).toEqual(['full_name', 'id', 'profile_picture', 'username']);
  });

  it('never counts below nothing', () => {
    expect(withLike(aPost({ user_has_liked: true, likes: { count: 0, data: [] } }), false, me).likes.count).toBe(0);
  });
});
