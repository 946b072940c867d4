import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { aPost, answer, network, ok, renderApp } from '../test/app';
import { PostCard } from './PostCard';

describe('a post that is in the feed for a tag', () => {
  it('says so, and its menu unfollows the tag, with a way back', async () => {
    vi.stubGlobal('IntersectionObserver', class { observe() {} disconnect() {} });
    const net = network((method, url) => (method === 'POST' && url.includes('/tags/') ? ok({ outgoing_status: 'none' }) : answer({}, 404)));
    const user = userEvent.setup();
    renderApp(<PostCard media={aPost({ followed_tag: '日落' })} />);
    expect(screen.getByRole('link', { name: '#日落' }).getAttribute('href')).toBe(`/tags/${encodeURIComponent('日落')}`);
    await user.click(screen.getByRole('button', { name: 'More options' }));
    await user.click(screen.getByRole('button', { name: 'Unfollow #日落' }));
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(net.made()).toHaveLength(2));
    expect([net.body(0), net.body(1)]).toEqual([{ action: 'unfollow' }, { action: 'follow' }]);
  });

  it('is not asked about where there is no reason', () => {
    renderApp(<PostCard media={aPost({ caption: null })} />);
    expect(screen.queryByText(/which you follow/)).toBeNull();
  });
});
