/** Completing an @mention in a text that is being written. */

export interface Token {
  /** Of the "@". */
  from: number;
  to: number;
  query: string;
}

/** The @mention that the caret stands in or at the end of, with at least one letter after the "@". Scripts without spaces may touch it. */
export function mentionAt(text: string, caret: number): Token | null {
  const before = /(?:^|[^\p{L}\p{N}_.@]|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}])@([\p{L}\p{N}_.]{1,30})$/u.exec(text.slice(0, caret));
  if (!before) return null;
  const query = before[1]!;
  const after = /^[\p{L}\p{N}_.]*/u.exec(text.slice(caret))![0];
  return { from: caret - query.length - 1, to: caret + after.length, query };
}

/** The text with the token replaced by a name, and where the caret goes: behind one space. */
export function complete(text: string, token: Token, username: string): { text: string; caret: number } {
  const rest = text.slice(token.to);
  const name = `@${username}`;
  const space = /^\s/.test(rest) ? '' : ' ';
  return { text: text.slice(0, token.from) + name + space + rest, caret: token.from + name.length + 1 };
}
