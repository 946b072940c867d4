import { screen } from '@testing-library/react';
import { decode } from 'blurhash';
import tagVectors from '../../../internal/tintype/testdata/tags.json';
import { describe, expect, it, vi } from 'vitest';
import { safeNext } from '../session';
import { renderApp } from '../test/app';
import { blurhashUrl } from './blurhash';
import { postPath, shortcodeOf } from './path';
import { pieces, RichText } from './RichText';

describe('blurhash', () => {
  // One component, and "TNp9" is 0xff8040 in base 83: every pixel has that colour.
  const flat = '00TNp9';
  const rich = 'LEHV6nWB2yk8pyo0adR*.7kCMdnj';

  it('decodes a known vector', () => {
    expect([...decode(flat, 2, 1)]).toEqual([255, 128, 64, 255, 255, 128, 64, 255]);
  });

  it.each([
    { aspect: 1, width: 32, height: 32 },
    { aspect: 2, width: 32, height: 16 },
    { aspect: 0.5, width: 16, height: 32 },
    { aspect: 100, width: 32, height: 8 },
  ])('draws an opaque picture of aspect $aspect', ({ aspect, width, height }) => {
    const drawn: { width: number; height: number; data: Uint8ClampedArray }[] = [];
    const context = {
      createImageData: (w: number, h: number) => ({ width: w, height: h, data: new Uint8ClampedArray(w * h * 4) }),
      putImageData: (image: (typeof drawn)[number]) => drawn.push(image),
    };
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(context as unknown as null);
    vi.spyOn(HTMLCanvasElement.prototype, 'toDataURL').mockImplementation(function (this: HTMLCanvasElement) {
      return `data:${this.width}x${this.height}`;
    });
    expect(blurhashUrl(rich, aspect)).toBe(`data:${width}x${height}`);
    expect(blurhashUrl(rich, aspect)).toBe(`data:${width}x${height}`);
    expect(drawn).toHaveLength(1); // the second time it is known
    const { data } = drawn[0]!;
    const pixels = Array.from({ length: width * height }, (_, i) => [...data.slice(4 * i, 4 * i + 4)]);
    expect(pixels.every((p) => p[3] === 255)).toBe(true);
    expect(new Set(pixels.map((p) => p.join())).size).toBeGreaterThan(50);
  });

  it.each(['', 'x', '00TNp', `${flat}0`])('makes nothing of %j', (hash) => {
    expect(blurhashUrl(hash, 1)).toBeUndefined();
  });
});

describe('rich text', () => {
  const found = (text: string) => pieces(text).map((p) => `${p.kind} ${p.value}`);

  it.each([
    { text: 'with @ada and @Bob_2.', want: ['user ada', 'user Bob_2'] },
    { text: '(@ada)', want: ['user ada'] },
    { text: '@', want: [] },
    { text: 'mail ada@example.org', want: [] },
    { text: `@${'a'.repeat(31)}`, want: [] },
    { text: '和@ann 一起', want: ['user ann'] },
    { text: '和＠ann 一起', want: ['user ann'] },
    { text: '和@ann一起', want: [] }, // the server reads on to the space, too
    { text: '你好，@ann。', want: ['user ann'] },
    { text: 'see https://a.example/x?y=1#z.', want: ['url https://a.example/x?y=1#z'] },
    { text: '(http://a.example/x)', want: ['url http://a.example/x'] },
    { text: '看https://a.example/路径，很好', want: ['url https://a.example/路径'] },
    { text: '看《https://a.example/x》', want: ['url https://a.example/x'] },
    { text: 'https://a.example/@ada', want: ['url https://a.example/@ada'] },
    { text: 'https://a.example/?by=@ada', want: ['url https://a.example/?by=@ada'] },
    { text: 'javascript:alert(1) data:text/html,x', want: [] },
    { text: 'https://a.example/#frag', want: ['url https://a.example/#frag'] },
  ])('$text', ({ text, want }) => {
    expect(found(text)).toEqual(want);
  });

  // What is a tag is what the server takes for one; its own test folds these links and compares.
  it.each(tagVectors)('links tags: $name', ({ text, links }) => {
    expect(found(text)).toEqual(links.map((l) => `tag ${l}`));
  });

  it('leaves every character where it was', () => {
    const text = '早安 @ada #大海\n<b>&amp;</b> https://a.example/路径，再见＠bob';
    renderApp(<RichText text={text} />);
    const shown = document.querySelector('.rich')!;
    expect(shown.textContent).toBe(text.replace('https://', ''));
    expect([...shown.querySelectorAll('*')].map((e) => e.tagName)).toEqual(['A', 'A', 'A', 'A']);
  });

  it('leads to profiles here and to addresses elsewhere', () => {
    renderApp(<RichText text={'@ada https://a.example/"onclick=x <img src=x onerror=alert(1)>'} />);
    expect(screen.getByRole('link', { name: '@ada' }).getAttribute('href')).toBe('/ada');
    const out = screen.getByRole('link', { name: 'a.example/' });
    expect(out.getAttribute('href')).toBe('https://a.example/');
    expect(out.getAttribute('rel')).toBe('nofollow noopener ugc');
    expect(document.querySelector('img')).toBeNull();
    expect(document.querySelector('[onclick]')).toBeNull();
  });
});

describe('paths', () => {
  it.each([
    { media: { shortcode: 'a-_9', link: '' }, want: 'a-_9' },
    { media: { link: 'https://photos.example/p/a-_9' }, want: 'a-_9' },
    { media: { link: 'https://photos.example/p/a-_9/?x=1' }, want: 'a-_9' },
    { media: { link: 'nonsense' }, want: '' },
  ])('of a post: $media', ({ media, want }) => {
    expect(shortcodeOf(media)).toBe(want);
    expect(postPath(media)).toBe(`/p/${want}`);
  });

  it.each([
    { next: '/p/abc?x=1', want: '/p/abc?x=1' },
    { next: '/', want: '/' },
    { next: null, want: '/' },
    { next: '', want: '/' },
    { next: 'https://evil.example', want: '/' },
    { next: '//evil.example', want: '/' },
    { next: '/\\evil.example', want: '/' },
    { next: 'javascript:alert(1)', want: '/' },
  ])('after signing in: $next → $want', ({ next, want }) => {
    expect(safeNext(next)).toBe(want);
  });
});
