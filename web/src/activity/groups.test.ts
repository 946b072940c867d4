import { describe, expect, it } from 'vitest';
import type { UserShort } from '../api/types';
import { joined, news } from './groups';
import type { ActivityGroup } from './types';

const user = (id: string): UserShort => ({ id, username: `u${id}`, full_name: '', profile_picture: '' });
const media = (id: string) => ({ id, link: '', thumbnail: '', shortcode: id });
const noon = Math.floor(new Date(2026, 4, 2, 12).getTime() / 1000);

function group(id: string, part: Partial<ActivityGroup>): ActivityGroup {
  return { id, oldest_id: id, kind: 'like', created_time: String(noon), count: 1, new_count: 0, users: [user('1')], user_count: 1, targets: [], target_count: 0, media: [media('m')], ...part };
}

describe('joined', () => {
  it('puts together what the end of a page cut in two', () => {
    const first = group('9', { count: 4, new_count: 1, users: [user('1'), user('2'), user('3')], user_count: 4 });
    const rest = group('5', { created_time: String(noon - 60), oldest_id: '3', count: 2, new_count: 1, users: [user('5'), user('1')], user_count: 2 });
    const [one, ...others] = joined([first, group('7', { media: [media('other')] }), rest], 'mine');
    expect(one).toMatchObject({ id: '9', oldest_id: '3', count: 6, new_count: 2, user_count: 5 });
    expect(one?.users.map((u) => u.id)).toEqual(['1', '2', '3']);
    expect(others.map((g) => g.id)).toEqual(['7']);
  });

  it('leaves other days, kinds and mentions apart', () => {
    const all = [
      group('9', {}),
      group('8', { kind: 'comment' }),
      group('7', { created_time: String(noon - 86_400) }),
      group('6', { kind: 'mention' }),
      group('5', { kind: 'mention' }),
      group('4', { kind: 'notice', users: [] }),
      group('3', { kind: 'notice', users: [] }),
    ];
    expect(joined(all, 'mine').map((g) => g.id)).toEqual(['9', '8', '7', '6', '5', '4', '3']);
  });

  it('goes by who did it where others are followed', () => {
    const list = joined([group('9', { media: [media('a')] }), group('8', { users: [user('2')] }), group('7', { media: [media('b'), media('a')] })], 'following');
    expect(list.map((g) => [g.id, g.media.map((m) => m.id)])).toEqual([['9', ['a', 'b']], ['8', ['m']]]);
  });
});

it('counts what is new by kind', () => {
  expect(news([group('9', { new_count: 2 }), group('8', { kind: 'tag', new_count: 1 }), group('7', { new_count: 3 }), group('6', { kind: 'follow' })])).toEqual([
    { kind: 'like', count: 5 },
    { kind: 'tag', count: 1 },
  ]);
});
