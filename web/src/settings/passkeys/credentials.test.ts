import { describe, expect, it } from 'vitest';
import { bytes, text } from './credentials';

describe('base64url', () => {
  it('comes back as it was', () => {
    for (const length of [0, 1, 2, 3, 32, 33]) {
      const data = Uint8Array.from({ length }, (_, i) => (i * 73 + 251) % 256);
      const there = text(data.buffer);
      expect(there).toMatch(/^[\w-]*$/);
      expect([...bytes(there)]).toEqual([...data]);
    }
  });
});
