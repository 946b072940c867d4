import { describe, expect, it, vi } from 'vitest';
import { ApiError } from '../api/client';
import type { Upload } from '../api/types';
import { emptyDraft, fromStored, reduce, toPost, toStored, uploaded, type Draft } from './draft';
import { complete, tokenAt } from './completion';
import { delay, mayPass, UploadQueue, type Send, type UploadState } from './queue';

const upload = (id: string): Upload => ({ id, width: 4, height: 3, type: 'image/jpeg', bytes: 1, sha256: '', expires_time: '0', url: `/v1/uploads/${id}/preview.jpg` });
const lost = () => new ApiError({ status: 0, type: 'NetworkError', message: '' });
const broken = () => new ApiError({ status: 422, type: 'APIInvalidMediaError', message: 'This photo is damaged' });
const file = () => new Blob(['x']);
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
const now = () => Promise.resolve();

function queueOf(send: Send, options: { parallel?: number; tries?: number } = {}) {
  const said: [string, UploadState['state']][] = [];
  const last = new Map<string, UploadState>();
  const queue = new UploadQueue(send, (key, s) => {
    said.push([key, s.state]);
    last.set(key, s);
  }, { wait: now, ...options });
  return { queue, said, last };
}

describe('the upload queue', () => {
  it('sends a few at a time, in order', async () => {
    const open: ((u: Upload) => void)[] = [];
    const { queue, last } = queueOf(() => new Promise<Upload>((resolve) => open.push(resolve)), { parallel: 2 });
    for (const key of ['a', 'b', 'c']) queue.add(key, file());
    expect(open).toHaveLength(2);
    expect(last.get('c')).toEqual({ state: 'waiting' });
    open[0]!(upload('1'));
    await settle();
    expect(open).toHaveLength(3);
    expect(last.get('a')).toEqual({ state: 'ready', upload: upload('1') });
  });

  it('tries again after the network failed, with the same key', async () => {
    const keys: string[] = [];
    const send = vi.fn<Send>((_file, o) => {
      keys.push(o.idempotencyKey);
      return keys.length < 3 ? Promise.reject(lost()) : Promise.resolve(upload('1'));
    });
    const { queue, said, last } = queueOf(send);
    queue.add('a', file());
    await settle();
    expect(last.get('a')?.state).toBe('ready');
    expect(new Set(keys).size).toBe(1);
    expect(said.filter(([, s]) => s === 'retrying')).toHaveLength(2);
  });

  it('gives up after a while, and can be asked again', async () => {
    const send = vi.fn<Send>(() => Promise.reject(lost()));
    const { queue, last } = queueOf(send, { tries: 3 });
    queue.add('a', file());
    await settle();
    expect(send).toHaveBeenCalledTimes(3);
    expect(last.get('a')).toMatchObject({ state: 'failed', again: true });
    queue.add('a', file());
    await settle();
    expect(send).toHaveBeenCalledTimes(6);
  });

  it('does not send again what is wrong with the photo', async () => {
    const send = vi.fn<Send>(() => Promise.reject(broken()));
    const { queue, last } = queueOf(send);
    queue.add('a', file());
    await settle();
    expect(send).toHaveBeenCalledTimes(1);
    expect(last.get('a')).toMatchObject({ state: 'failed', again: false });
  });

  it('says nothing more of a photo that was cancelled, and goes on with the next', async () => {
    const signals: AbortSignal[] = [];
    const send: Send = (_file, { signal }) =>
      new Promise((resolve, reject) => {
        signals.push(signal);
        signal.addEventListener('abort', () => reject(lost()));
        if (signals.length === 2) resolve(upload('2'));
      });
    const { queue, last, said } = queueOf(send, { parallel: 1 });
    queue.add('a', file());
    queue.add('b', file());
    const before = said.length;
    queue.cancel('a');
    await settle();
    expect(signals[0]!.aborted).toBe(true);
    expect(said.slice(before).some(([key]) => key === 'a')).toBe(false);
    expect(last.get('b')?.state).toBe('ready');
  });

  it.each([
    [lost(), true],
    [broken(), false],
    [new ApiError({ status: 429, type: '', message: '' }), true],
    [new ApiError({ status: 503, type: '', message: '' }), true],
    [new ApiError({ status: 507, type: '', message: '' }), false],
    [new Error('a bug'), false],
  ])('knows whether %o may pass', (error, want) => {
    expect(mayPass(error)).toBe(want);
  });

  it('waits longer each time, and as long as the server asks', () => {
    const middle = () => 0.5;
    expect([1, 2, 3, 9].map((n) => delay(n, lost(), middle))).toEqual([1000, 2000, 4000, 20_000]);
    expect(delay(1, new ApiError({ status: 429, type: '', message: '', retryAfter: 7 }))).toBe(7000);
  });
});

describe('the draft', () => {
  const photo = (name: string) => new File(['x'], name, { type: 'image/jpeg' });
  function filled(): Draft {
    let d = reduce(emptyDraft, { type: 'add', photos: ['a', 'b', 'c'].map((key) => ({ key, file: photo(`${key}.jpg`) })) });
    for (const key of ['a', 'b', 'c']) d = reduce(d, { type: 'upload', key, upload: { state: 'ready', upload: upload(key.toUpperCase()) } });
    return d;
  }
  const order = (d: Draft) => d.photos.map((p) => p.key).join('');

  it('moves photos', () => {
    expect(order(reduce(filled(), { type: 'move', key: 'a', to: 2 }))).toBe('bca');
    expect(order(reduce(filled(), { type: 'move', key: 'c', to: -5 }))).toBe('cab');
    expect(order(reduce(filled(), { type: 'move', key: 'x', to: 0 }))).toBe('abc');
  });

  it('chooses a neighbour when the chosen photo goes', () => {
    const d = reduce(reduce(filled(), { type: 'select', key: 'b' }), { type: 'remove', key: 'b' });
    expect(d.selected).toBe('c');
    expect(reduce(reduce(d, { type: 'remove', key: 'c' }), { type: 'remove', key: 'a' }).selected).toBeNull();
  });

  it('becomes a post only when all is uploaded, everything in the order of the photos', () => {
    let d = reduce(filled(), { type: 'move', key: 'c', to: 0 });
    d = reduce(d, { type: 'alt', key: 'a', alt: ' a dune ' });
    d = reduce(d, { type: 'edits', key: 'b', change: (e) => ({ ...e, now: { filter: 'Silver', strength: 1 } }) });
    d = reduce(d, { type: 'caption', caption: ' hello #sea ' });
    d = reduce(d, { type: 'place', place: { name: ' ', latitude: 1, longitude: 2 } });
    expect(toPost(d)).toEqual({
      uploads: ['C', 'A', 'B'],
      caption: 'hello #sea',
      alt_texts: ['', 'a dune', ''],
      edits: [null, null, { filter: 'Silver', strength: 1 }],
      location: { latitude: 1, longitude: 2 },
      users_in_photo: [],
      audience: 'everyone',
    });
    expect(toPost(reduce(d, { type: 'upload', key: 'a', upload: { state: 'sending', sent: 0.5 } }))).toBeUndefined();
    expect(toPost(emptyDraft)).toBeUndefined();
  });

  it('comes back from its copy: uploads by their ID, the others by their file', () => {
    let d = reduce(filled(), { type: 'upload', key: 'b', upload: { state: 'sending', sent: 0.5 } });
    d = reduce(d, { type: 'caption', caption: 'kept' });
    const stored = toStored(d);
    expect(stored.photos.map((p) => p.file !== null)).toEqual([false, true, false]);
    const back = fromStored({ ...stored, photos: [...stored.photos, { key: 'z', name: 'z', file: null, upload: null, recipe: null, alt: '' }] });
    expect(order(back)).toBe('abc');
    expect(back.photos.map((p) => p.upload.state)).toEqual(['ready', 'waiting', 'ready']);
    expect(back.caption).toBe('kept');
  });

  it('gives one look to all photos, and each keeps its shape', () => {
    let d = reduce(filled(), { type: 'edits', key: 'a', change: (e) => ({ ...e, now: { rotate: 90, filter: 'Silver', strength: 0.5, contrast: 0.2 } }) });
    d = reduce(d, { type: 'edits', key: 'b', change: (e) => ({ ...e, now: { rotate: 180, warmth: 1 } }) });
    d = reduce(d, { type: 'look', key: 'a' });
    expect(d.photos.map((p) => p.edits.now)).toEqual([
      { rotate: 90, filter: 'Silver', strength: 0.5, contrast: 0.2 },
      { rotate: 180, filter: 'Silver', strength: 0.5, contrast: 0.2 },
      { filter: 'Silver', strength: 0.5, contrast: 0.2 },
    ]);
  });

  it('counts its uploads', () => {
    const d = reduce(filled(), { type: 'upload', key: 'b', upload: { state: 'failed', error: broken(), again: false } });
    expect(uploaded(d)).toEqual({ done: 2, failed: 1, fraction: 2 / 3 });
  });
});

describe('completion', () => {
  it.each([
    ['hello @ma', 9, 'user', 'ma'],
    ['@ma', 3, 'user', 'ma'],
    ['(@ma', 4, 'user', 'ma'],
    ['＠ma', 3, 'user', 'ma'],
    ['@', 1, undefined, undefined],
    ['mail@ma', 7, undefined, undefined],
    ['@ma and', 7, undefined, undefined],
    ['@李', 2, 'user', '李'],
    ['和@ma', 4, 'user', 'ma'],
    ['hello #sun', 10, 'tag', 'sun'],
    ['#sunset', 4, 'tag', 'sun'],
    ['＃夏', 2, 'tag', '夏'],
    ['今天#日落', 5, 'tag', '日落'],
    ['#日落#夏', 5, 'tag', '夏'],
    ['#', 1, undefined, undefined],
    ['a#b', 3, undefined, undefined],
    ['/#b', 3, undefined, undefined],
    ['&#b', 3, undefined, undefined],
    ['#sun set', 8, undefined, undefined],
    ['#café', 5, 'tag', 'café'],
    ['#a @m', 5, 'user', 'm'],
  ])('in %j at %i: %s %s', (text, caret, kind, query) => {
    const token = tokenAt(text, caret);
    expect([token?.kind, token?.query]).toEqual([kind, query]);
  });

  it.each([
    { text: 'with @marx!', caret: 8, name: 'mara', want: 'with @mara !', at: 11 },
    { text: '@m you', caret: 2, name: 'mara', want: '@mara you', at: 6 },
    { text: 'a #sun', caret: 6, name: 'sunset', want: 'a #sunset ', at: 10 },
    { text: '＃夏', caret: 2, name: '夏天', want: '＃夏天 ', at: 4 },
    { text: '#sunxx b', caret: 4, name: 'sunset', want: '#sunset b', at: 8 },
    { text: '#日今天很好', caret: 2, name: '日落', want: '#日落 今天很好', at: 4 },
    { text: '#日落今天', caret: 2, name: '日落', want: '#日落 今天', at: 4 },
  ])('$text becomes $want', ({ text, caret, name, want, at }) => {
    expect(complete(text, tokenAt(text, caret)!, name)).toEqual({ text: want, caret: at });
  });
});
