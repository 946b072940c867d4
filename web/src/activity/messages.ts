import { addWords } from '../i18n/words';

/** The words of the activity page. zh must have the keys of en. */
const en = {
  'activity.title': 'Activity',
  'activity.new': 'New',
  'activity.newItem': 'New:',
  'activity.earlier': 'Earlier',
  'activity.like': '{user} liked your photo.',
  'activity.comment': '{user} commented:',
  'activity.follow': '{user} follows you.',
  'activity.request': '{user} asked to follow you.',
  'activity.approved': '{user} approved your request. You now see their photos.',
  'activity.mention': '{user} mentioned you:',
  'activity.emptyTitle': 'All quiet',
  'activity.emptyText': 'Likes, comments and new followers show up here.',
} as const;

export type ActivityKey = keyof typeof en;

const zh: Record<ActivityKey, string> = {
  'activity.title': '动态',
  'activity.new': '最新',
  'activity.newItem': '新：',
  'activity.earlier': '更早',
  'activity.like': '{user} 赞了您的照片。',
  'activity.comment': '{user} 评论道：',
  'activity.follow': '{user} 关注了您。',
  'activity.request': '{user} 申请关注您。',
  'activity.approved': '{user} 同意了您的申请，您现在可以看到对方的照片。',
  'activity.mention': '{user} 提到了您：',
  'activity.emptyTitle': '一切安静',
  'activity.emptyText': '点赞、评论和新粉丝会显示在这里。',
};

export const words = addWords({ en, zh });
