import { messages as compose } from '../../compose/messages';

/** Every word the app says, in English. The keys of this object are the keys of every language. */
export const en = {
  ...compose.en,
  'app.name': 'Tintype',
} as const;

export type MessageKey = keyof typeof en;
