import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { network, ok, refusal, renderApp } from '../test/app';
import ConsentPage from './ConsentPage';

const path = '/oauth/authorize?response_type=code&client_id=c1&redirect_uri=https%3A%2F%2Fframes.example%2Fback&scope=basic+likes&state=x&nonce=9';
const consent = { app: { id: '1', name: 'Frames' }, scopes: ['basic', 'likes'], redirect_uri: 'https://frames.example/back' };

function watchLocation() {
  const assign = vi.fn();
  vi.stubGlobal('location', { ...window.location, assign });
  return assign;
}

afterEach(() => vi.unstubAllGlobals());

describe('ConsentPage', () => {
  it('says what the app may do, and sends the answer with the scopes that were shown and nothing strange', async () => {
    const assign = watchLocation();
    const net = network((method) => ok(method === 'GET' ? consent : { redirect_to: 'https://frames.example/back?code=1&state=x' }));
    renderApp(<ConsentPage />, { path });
    expect((await screen.findByRole('heading', { level: 1 })).textContent).toBe('Frames wants access to your account');
    expect(screen.getByText('Like and unlike photos for you')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Allow' }));
    await waitFor(() => expect(assign).toHaveBeenCalledWith('https://frames.example/back?code=1&state=x'));
    expect(net.body(1)).toEqual({
      response_type: 'code', client_id: 'c1', redirect_uri: 'https://frames.example/back', scope: 'basic likes', state: 'x',
      shown_scope: 'basic likes', allow: true,
    });
  });

  it('sends the person back to an app that asked wrongly', async () => {
    const assign = watchLocation();
    network(() => ok({ redirect_to: 'https://frames.example/back?error=invalid_scope' }));
    renderApp(<ConsentPage />, { path });
    await waitFor(() => expect(assign).toHaveBeenCalledWith('https://frames.example/back?error=invalid_scope'));
    expect(screen.queryByRole('button', { name: 'Allow' })).toBeNull();
  });

  it('shows the sentence of the server for a request that no app may hear of', async () => {
    network(() => refusal(400, 'APIInvalidParametersError', 'that redirect address is not registered'));
    renderApp(<ConsentPage />, { path });
    expect(await screen.findByText('That redirect address is not registered')).toBeTruthy();
    expect(screen.queryByRole('button')).toBeNull();
  });
});
