import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { OutgoingStatus, Relationship, Self, UserShort } from '../api/types';
import { en } from '../i18n/messages/en';
import { ada, later, me, network, ok, refusal, renderApp } from '../test/app';
import { FollowButton } from './FollowButton';
import { expected } from './useRelationship';

const rel = (outgoing_status: OutgoingStatus, over: Partial<Relationship> = {}): Relationship => ({
  outgoing_status, incoming_status: 'none', target_user_is_private: false, ...over,
});
const priv = { target_user_is_private: true };
const show = (known?: Relationship, self: Self | null = me, user: UserShort = ada) => renderApp(<FollowButton user={user} known={known} />, { self });
const button = () => screen.getByRole<HTMLButtonElement>('button');

describe('the follow button', () => {
  it.each([
    { status: 'none' as const, text: 'Follow', name: 'Follow ada' },
    { status: 'requested' as const, text: 'Requested', name: 'Requested to follow ada. Take the request back' },
    { status: 'follows' as const, text: 'Following', name: 'Following ada. Unfollow' },
  ])('says $text', ({ status, text, name }) => {
    show(rel(status));
    expect(button().textContent).toBe(text);
    expect(button().getAttribute('aria-label')).toBe(name);
  });

  it.each([
    { name: 'nobody is signed in', self: null, user: ada, known: rel('none') },
    { name: 'it is oneself', self: me, user: me, known: rel('none') },
    { name: 'the viewer blocked them', self: me, user: ada, known: rel('none', { incoming_status: 'blocked_by_you' }) },
  ])('is not there when $name', ({ self, user, known }) => {
    network(() => ok(null));
    show(known, self, user);
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('waits until it knows', async () => {
    const reply = later();
    network(() => reply.promise);
    show();
    expect(button().disabled).toBe(true);
    reply.resolve(ok(rel('follows')));
    await waitFor(() => expect(button().textContent).toBe('Following'));
    expect(button().disabled).toBe(false);
  });

  it.each([
    { known: rel('none'), text: 'Following', action: 'follow' },
    { known: rel('none', priv), text: 'Requested', action: 'follow' },
    { known: rel('requested', priv), text: 'Follow', action: 'unfollow' },
    { known: rel('follows'), text: 'Follow', action: 'unfollow' },
  ])('goes from $known.outgoing_status to $text at once, and back when refused', async ({ known, text, action }) => {
    const reply = later();
    const net = network(() => reply.promise);
    show(known);
    const before = button().textContent;
    await userEvent.click(button());
    expect(button().textContent).toBe(text);
    await waitFor(() => expect(net.made()).toEqual(['POST /v1/users/7/relationship']));
    expect(net.body(0)).toEqual({ action });
    reply.resolve(refusal(429, 'OAuthRateLimitException', 'too many follows; wait an hour'));
    await screen.findByText('Too many follows; wait an hour');
    expect(button().textContent).toBe(before);
  });

  it('believes the server, which knows who is private', async () => {
    network(() => ok(rel('requested', priv)));
    show(rel('none'));
    await userEvent.click(button());
    await waitFor(() => expect(button().textContent).toBe('Requested'));
  });

  it('asks before giving up what takes a request to regain', async () => {
    const net = network(() => ok(rel('none', priv)));
    show(rel('follows', priv));
    await userEvent.click(button());
    expect(net.made()).toEqual([]);
    const dialog = screen.getByRole('dialog');
    expect(dialog.textContent).toContain(en['follow.unfollowText']);
    await userEvent.click(within(dialog).getByRole('button', { name: 'Unfollow' }));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(button().textContent).toBe('Follow');
    await waitFor(() => expect(net.body(0)).toEqual({ action: 'unfollow' }));
  });
});

describe('what a relationship becomes', () => {
  const both = rel('follows', { incoming_status: 'followed_by' });
  it.each([
    { now: both, action: 'block' as const, want: { outgoing_status: 'none', incoming_status: 'blocked_by_you' } },
    { now: both, action: 'remove_follower' as const, want: { outgoing_status: 'follows', incoming_status: 'none' } },
    { now: both, action: 'unfollow' as const, want: { outgoing_status: 'none', incoming_status: 'followed_by' } },
    { now: rel('none', { incoming_status: 'requested_by' }), action: 'approve' as const, want: { outgoing_status: 'none', incoming_status: 'followed_by' } },
    { now: rel('follows', { incoming_status: 'requested_by' }), action: 'deny' as const, want: { outgoing_status: 'follows', incoming_status: 'none' } },
  ])('by $action', ({ now, action, want }) => {
    expect(expected(now, action)).toMatchObject(want);
  });
});
