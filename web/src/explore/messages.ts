import { addWords } from '../i18n/words';

/** The words of the explore page. zh must have the keys of en. */
const en = {
  'explore.title': 'Explore',
  'explore.popular': 'Popular now',
  'explore.morePeople': 'Find people',
  'explore.why': 'Why these?',
  'explore.whyText': 'They got the most likes and comments lately, and a comment counts for two likes. A photo that is a day older needs twice as many to keep its place. What people do on their own photos does not count.',
  'explore.whyWho': 'At most two are of the same person, and none of your own. Photos of private accounts are never here.',
  'explore.tags': 'Tags of these photos',
  'explore.emptyTitle': 'Nothing is popular yet',
  'explore.emptyText': 'Photos come here when people like them or comment on them.',
  'explore.emptyPost': 'Share a photo',
} as const;

export type ExploreKey = keyof typeof en;

const zh: Record<ExploreKey, string> = {
  'explore.title': '发现',
  'explore.popular': '当下热门',
  'explore.morePeople': '查找用户',
  'explore.why': '为什么是这些？',
  'explore.whyText': '它们近来获得的赞和评论最多，一条评论相当于两个赞。早一天发布的照片要有两倍的数量才能保持名次。自己给自己的赞和评论不算。',
  'explore.whyWho': '同一个人的照片最多两张，也不会出现您自己的。私密账号的照片绝不会出现在这里。',
  'explore.tags': '这些照片的标签',
  'explore.emptyTitle': '还没有热门内容',
  'explore.emptyText': '有人点赞或评论的照片会出现在这里。',
  'explore.emptyPost': '分享照片',
};

export const words = addWords({ en, zh });
