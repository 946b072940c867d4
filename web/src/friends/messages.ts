import { addWords } from '../i18n/words';

/** The words of the list of close friends. zh must have the keys of en. */
const en = {
  'friends.title': 'Close friends',
  'friends.lead': 'Photos that you share with close friends are shown to these people and to nobody else. Nobody is told who is on the list, or who was taken off it.',
  'friends.search': 'Find somebody to add',
  'friends.add': 'Add',
  'friends.addName': 'Add {name} to your close friends',
  'friends.remove': 'Remove',
  'friends.removeName': 'Remove {name} from your close friends',
  'friends.added': '{name} is one of your close friends.',
  'friends.removed': '{name} is no longer one of your close friends.',
  'friends.emptyTitle': 'Nobody yet',
  'friends.emptyText': 'Look for people above, and add those who are to see what you share with close friends.',
  'friends.noneFound': 'Nobody is found by that name.',
  'friends.found': 'Found',
  'friends.list': 'On the list',
} as const;

export type FriendsKey = keyof typeof en;

const zh: Record<FriendsKey, string> = {
  'friends.title': '密友',
  'friends.lead': '您分享给密友的照片只有这些人能看到。系统不会告知任何人谁在名单上，或谁被移出名单。',
  'friends.search': '查找要添加的人',
  'friends.add': '添加',
  'friends.addName': '将{name}添加为密友',
  'friends.remove': '移除',
  'friends.removeName': '将{name}移出密友',
  'friends.added': '{name}已成为您的密友。',
  'friends.removed': '{name}已不再是您的密友。',
  'friends.emptyTitle': '还没有人',
  'friends.emptyText': '在上方查找用户，添加可以看到您密友内容的人。',
  'friends.noneFound': '没有找到叫这个名字的人。',
  'friends.found': '查找结果',
  'friends.list': '名单',
};

export const words = addWords({ en, zh });
