import { messages as compose } from '../../compose/messages';
import type { MessageKey } from './en';

/** The same in simplified Chinese. */
export const zh: Record<MessageKey, string> = {
  ...compose.zh,
  'app.name': 'Tintype',
};
