import { describe, expect, it } from 'vitest';
import { bytes, typeName } from './bytes';

describe('bytes', () => {
  it.each([
    [0, '0 byte'],
    [999, '999 byte'],
    [1000, '1 kB'],
    [82_412, '82 kB'],
    [999_600, '1 MB'],
    [4_212_000, '4.2 MB'],
    [50 * 2 ** 20, '52 MB'],
    [1.5e12, '1.5 TB'],
    [2e15, '2,000 TB'],
  ])('%d is %s', (n, want) => {
    expect(bytes(n, 'en-US')).toBe(want);
  });
});

describe('typeName', () => {
  it('is what people call it', () => {
    expect(['image/jpeg', 'image/webp', 'image/heic'].map(typeName)).toEqual(['JPEG', 'WebP', 'HEIC']);
  });
});
