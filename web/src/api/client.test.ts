import { afterEach, describe, expect, it, vi } from 'vitest';
import { en } from '../i18n/messages/en';
import type { T } from '../i18n';
import { answer, network, ok, refusal } from '../test/app';
import { fieldError, formError } from '../ui/formErrors';
import { errorText } from '../ui/States';
import { compareIds, samePost } from './cache';
import { ApiError, buildUrl, list, request, setUnauthenticatedHandler } from './client';

const t: T = (key) => (en as Record<string, string>)[key] ?? key;

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await promise.then(() => undefined, (e: unknown) => e);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

afterEach(() => setUnauthenticatedHandler(() => undefined));

describe('a request', () => {
  it('gives what is in the envelope', async () => {
    const net = network(() => ok({ id: '12345678901234567890' }));
    expect(await request('GET', '/v1/users/self', { query: { q: 'a b&c', none: undefined } })).toEqual({ id: '12345678901234567890' });
    expect(net.made()).toEqual(['GET /v1/users/self?q=a+b%26c']);
    expect(net.header(0, 'Idempotency-Key')).toBeNull();
  });

  it('sends JSON, with a key that makes it safe to send twice', async () => {
    const net = network(() => ok(null));
    await request('POST', '/v1/x', { json: { text: '花' } });
    await request('POST', '/v1/x', { json: {}, idempotencyKey: 'mine' });
    expect(net.body(0)).toEqual({ text: '花' });
    expect(net.header(0, 'Content-Type')).toBe('application/json');
    expect(net.header(0, 'Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
    expect(net.header(1, 'Idempotency-Key')).toBe('mine');
  });

  it('fails with the sentence and the field of the server', async () => {
    network(() => refusal(409, 'APIConflictError', 'this name is taken', 'username'));
    const error = await failure(request('POST', '/v1/users'));
    expect(error).toMatchObject({ status: 409, type: 'APIConflictError', message: 'this name is taken', field: 'username', network: false });
    expect(errorText(t, error)).toBe('This name is taken');
    expect(fieldError(t, error, 'username')).toBe('This name is taken');
    expect(fieldError(t, error, 'email')).toBeUndefined();
    expect(formError(t, error, ['username', 'email'])).toBeUndefined();
    expect(formError(t, error, ['email'])).toBe('This name is taken');
  });

  it.each([
    { name: 'a page of a proxy', response: () => answer('<html>Bad gateway</html>', 502), key: 'error.server' as const },
    { name: 'a page instead of data', response: () => answer('<html>Welcome</html>', 200), key: 'error.server' as const },
    { name: 'an envelope that says error', response: () => answer({ meta: { code: 500 } }, 200), key: 'error.server' as const },
    { name: 'too many tries', response: () => answer('', 429, { 'Retry-After': '30' }), key: 'error.busy' as const },
  ])('has words of our own for $name', async ({ response, key }) => {
    network(response);
    expect(errorText(t, await failure(request('GET', '/v1/site')))).toBe(en[key]);
  });

  it('reads an error without an envelope, as the addresses of OAuth give', async () => {
    network(() => answer({ code: 400, error_type: 'APIInvalidParametersError', error_message: 'that redirect address is not registered', field: 'redirect_uri' }, 400));
    expect(await failure(request('GET', '/oauth/authorize'))).toMatchObject({
      status: 400, type: 'APIInvalidParametersError', message: 'that redirect address is not registered', field: 'redirect_uri',
    });
  });

  it('knows how long to wait', async () => {
    network(() => answer('', 429, { 'Retry-After': '30' }));
    expect((await failure(request('GET', '/'))).retryAfter).toBe(30);
    network(() => answer('', 429));
    expect((await failure(request('GET', '/'))).retryAfter).toBeUndefined();
  });

  it('tells when the session is over, and only then', async () => {
    const over = vi.fn();
    setUnauthenticatedHandler(over);
    network(() => refusal(403, 'OAuthPermissionsException', 'no'));
    await failure(request('GET', '/v1/x'));
    expect(over).not.toHaveBeenCalled();
    network(() => refusal(400, 'OAuthAccessTokenException', 'sign in'));
    expect((await failure(request('GET', '/v1/x'))).unauthenticated).toBe(true);
    expect(over).toHaveBeenCalledOnce();
  });
});

describe('without a network', () => {
  const gone = () => Promise.reject(new TypeError('Failed to fetch'));

  it('a request is tried twice with one key, and then named for what it is', async () => {
    const net = network(gone);
    const error = await failure(request('POST', '/v1/media/9/likes'));
    expect(error.network).toBe(true);
    expect(errorText(t, error)).toBe(en['error.network']);
    expect(net.made()).toHaveLength(2);
    expect(net.header(1, 'Idempotency-Key')).toBe(net.header(0, 'Idempotency-Key'));
  });

  it('the second try may arrive', async () => {
    let tries = 0;
    network(() => (tries++ === 0 ? gone() : ok('here')));
    expect(await request('GET', '/v1/site')).toBe('here');
  });

  it('a browser that knows it is offline tries once', async () => {
    vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    const net = network(gone);
    await failure(request('GET', '/v1/site'));
    expect(net.made()).toHaveLength(1);
  });

  it('what was called off is no error of the network', async () => {
    const stop = new AbortController();
    stop.abort();
    network((_method, _url, init) => Promise.reject(init.signal?.reason as Error));
    await expect(request('GET', '/v1/site', { signal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('what is no error of the server has words too', () => {
    expect(errorText(t, new Error('x is undefined'))).toBe(en['error.unexpected']);
  });
});

describe('a list', () => {
  it.each([
    { pagination: { next_max_id: '5', next_url: 'x' }, next: { param: 'max_id', value: '5' } },
    { pagination: { next_cursor: 'c' }, next: { param: 'cursor', value: 'c' } },
    { pagination: { next_max_like_id: '8' }, next: { param: 'max_like_id', value: '8' } },
    { pagination: {}, next: null },
    { pagination: undefined, next: null },
  ])('goes on at $next', async ({ pagination, next }) => {
    network(() => ok([1, 2], pagination));
    expect(await list('/v1/x', null)).toEqual({ items: [1, 2], next });
  });

  it('asks for the page after, and takes null for nothing', async () => {
    const net = network(() => ok(null));
    const page = await list('/v1/x', { param: 'max_like_id', value: '8' }, { query: { count: 30 } });
    expect(page).toEqual({ items: [], next: null });
    expect(net.made()).toEqual(['GET /v1/x?count=30&max_like_id=8']);
  });
});

describe('addresses and IDs', () => {
  it('leave empty queries out', () => {
    expect(buildUrl('/a', undefined)).toBe('/a');
    expect(buildUrl('/a', { x: '', y: undefined })).toBe('/a');
    expect(buildUrl('/a', { x: 0, y: '花' })).toBe('/a?x=0&y=%E8%8A%B1');
  });

  it('compare beyond what a number can hold', () => {
    const ids = ['9007199254740993', '9', '9007199254740992', '10'];
    expect(ids.sort(compareIds)).toEqual(['9', '10', '9007199254740992', '9007199254740993']);
    expect(samePost('9_7', '9')).toBe(true);
    expect(samePost('9_7', '97')).toBe(false);
  });
});
