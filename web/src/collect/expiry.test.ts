import { expect, it } from 'vitest';
import { expiry } from './expiry';

it('says when a link ends', () => {
  expect(expiry('day', '')).toEqual({ expires_in: 86_400 });
  expect(expiry('week', '')).toEqual({ expires_in: 604_800 });
  expect(expiry('month', '')).toEqual({ expires_in: 2_592_000 });
  expect(expiry('never', '')).toEqual({ never_expires: true });
  const end = expiry('date', '2031-05-17');
  const at = new Date('expires_time' in end ? end.expires_time * 1000 : 0);
  expect([at.getFullYear(), at.getMonth(), at.getDate(), at.getHours(), at.getMinutes()]).toEqual([2031, 4, 17, 23, 59]);
});
