/** Completing an @mention or a #tag in a text that is being written. */

export interface Token {
  kind: 'user' | 'tag';
  /** Of the sign. */
  from: number;
  /** What is written up to the caret, without the sign. */
  query: string;
  /** What follows the caret without a gap. */
  rest: string;
}

const kinds = [
  { kind: 'user', before: /(?:^|[^\p{L}\p{N}_.@＠]|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}])[@＠]([\p{L}\p{N}_.]{1,30})$/u, after: /^[\p{L}\p{N}_.]*/u },
  {
    kind: 'tag',
    before: /(?:^|[^\p{L}\p{N}_&/#＃]|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}])[#＃]([\p{L}\p{M}\p{N}_\u200c\u200d]{1,100})$/u,
    after: /^[\p{L}\p{M}\p{N}_\u200c\u200d]*/u,
  },
] as const;

/** The @mention or #tag that the caret stands in or at the end of, with at least one letter after the sign. Scripts without spaces may touch it. */
export function tokenAt(text: string, caret: number): Token | null {
  for (const { kind, before, after } of kinds) {
    const query = before.exec(text.slice(0, caret))?.[1];
    if (query !== undefined) return { kind, from: caret - query.length - 1, query, rest: after.exec(text.slice(caret))![0] };
  }
  return null;
}

const spaceless = /^[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;

/** The text with the token replaced by a name, under the sign that was written, and where the caret goes: behind one space. */
export function complete(text: string, token: Token, name: string): { text: string; caret: number } {
  const caret = token.from + 1 + token.query.length;
  const rest = text.slice(caret + taken(token, name));
  const head = text.slice(0, token.from + 1) + name;
  return { text: head + (/^\s/.test(rest) ? '' : ' ') + rest, caret: head.length + 1 };
}

/** How much of what follows the caret the name replaces: the word, or where words are not parted, what the name goes on with. */
function taken({ query, rest }: Token, name: string): number {
  if (!spaceless.test(rest)) return rest.length;
  let n = 0;
  while (n < rest.length && rest[n] === name[query.length + n]) n++;
  return n;
}
