/**
 * The part of ICU MessageFormat that the catalogue uses:
 * {name}, {n, number} and {n, plural, =0 {…} one {…} other {…}} with # for the number. Braces nest.
 */

export type Part = string | Arg | Plural;
export interface Arg {
  arg: string;
}
export interface Plural {
  plural: string;
  cases: Record<string, Part[]>;
}
/** Stands for # inside a plural. */
const HASH = '#';

/** Parses a message; throws on unbalanced braces or a plural without "other". */
export function parse(message: string): Part[] {
  const [parts, end] = parseUntil(message, 0, false, false);
  if (end !== message.length) throw new Error(`stray } in message: ${message}`);
  return parts;
}

function parseUntil(s: string, from: number, nested: boolean, inPlural: boolean): [Part[], number] {
  const parts: Part[] = [];
  let text = '';
  let i = from;
  const flush = () => {
    if (text !== '') parts.push(text);
    text = '';
  };
  for (; i < s.length; i++) {
    const c = s[i];
    if (c === '}' && nested) break;
    if (c === '{') {
      flush();
      const [part, end] = parseArgument(s, i + 1);
      parts.push(part);
      i = end;
    } else if (c === HASH && inPlural) {
      flush();
      parts.push({ arg: HASH });
    } else if (c === '}') {
      return [parts, i];
    } else {
      text += c;
    }
  }
  if (nested && i >= s.length) throw new Error(`missing } in message: ${s}`);
  flush();
  return [parts, i];
}

/** Gives the argument that begins after "{", and the index of its "}". */
function parseArgument(s: string, from: number): [Part, number] {
  const head = /^\s*(\w+)\s*(?:,\s*(number|plural)\s*)?([,}])/.exec(s.slice(from));
  if (!head) throw new Error(`bad argument in message: ${s}`);
  const [whole, name = '', kind, stop] = head;
  let i = from + whole.length;
  if (kind !== 'plural') {
    if (stop !== '}') throw new Error(`bad argument in message: ${s}`);
    return [{ arg: name }, i - 1];
  }
  const cases: Record<string, Part[]> = {};
  for (;;) {
    const c = /^\s*(=\d+|\w+)\s*\{/.exec(s.slice(i));
    if (!c) break;
    const [parts, end] = parseUntil(s, i + c[0].length, true, true);
    cases[c[1] ?? ''] = parts;
    i = end + 1;
  }
  const close = /^\s*\}/.exec(s.slice(i));
  if (!close || !cases['other']) throw new Error(`bad plural in message: ${s}`);
  return [{ plural: name, cases }, i + close[0].length - 1];
}

/** The message with its arguments put in, as a list so that arguments may be more than text. */
export function format<V>(parts: readonly Part[], args: Readonly<Record<string, V | string | number>>, locale: string, hash = 0): (V | string)[] {
  const out: (V | string)[] = [];
  for (const part of parts) {
    if (typeof part === 'string') {
      out.push(part);
    } else if ('plural' in part) {
      const n = Number(args[part.plural] ?? 0);
      const chosen = part.cases[`=${n}`] ?? part.cases[new Intl.PluralRules(locale).select(n)] ?? part.cases['other'] ?? [];
      out.push(...format(chosen, args, locale, n));
    } else if (part.arg === HASH) {
      out.push(formatNumber(hash, locale));
    } else {
      const value = args[part.arg];
      if (typeof value === 'number') out.push(formatNumber(value, locale));
      else out.push(value ?? `{${part.arg}}`);
    }
  }
  return out;
}

/** The names of a message's arguments, sorted. */
export function argumentNames(parts: readonly Part[]): string[] {
  const names = new Set<string>();
  const walk = (list: readonly Part[]) => {
    for (const p of list) {
      if (typeof p === 'string') continue;
      if ('plural' in p) {
        names.add(p.plural);
        Object.values(p.cases).forEach(walk);
      } else if (p.arg !== HASH) {
        names.add(p.arg);
      }
    }
  };
  walk(parts);
  return [...names].sort();
}

function formatNumber(n: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(n);
}
