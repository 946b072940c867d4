import { addWords } from '../i18n/words';

/** The words of a place's page. zh must have the keys of en. */
const en = {
  'place.title': 'Place',
  'place.none': 'There is no such place here.',
  'place.inCountry': '{name}, {country}',
  'place.posts': '{count, plural, one {# post} other {# posts}}',
  'place.empty': 'No posts from here yet',
  'place.credit': 'Places: GeoNames, CC BY 4.0',
} as const;

export type PlacesKey = keyof typeof en;

const zh: Record<PlacesKey, string> = {
  'place.title': '地点',
  'place.none': '这里没有这个地点。',
  'place.inCountry': '{name}，{country}',
  'place.posts': '{count, plural, other {# 个帖子}}',
  'place.empty': '这里还没有帖子',
  'place.credit': '地点数据：GeoNames，CC BY 4.0',
};

export const words = addWords({ en, zh });
