/** The composer's and editor's words; keys begin with "compose.". zh must have the keys of en. */
const en = {
  'compose.title': 'New post',
} as const;

const zh: Record<keyof typeof en, string> = {
  'compose.title': '发布新帖',
};

export const messages = { en, zh };
