/** One word, sign or value of a condition as it is written. */
export interface Token {
  readonly kind: "word" | "number" | "day" | "text" | "name" | "sign" | "end";
  /** As written; of a text or a quoted name, what stands between the quotes. */
  readonly text: string;
  /** Where it begins and ends in the condition, from 0. */
  readonly start: number;
  readonly end: number;
}

/** Signs that Chinese keyboards write. */
const SAME_SIGNS: Readonly<Record<string, string>> = {
  "（": "(",
  "）": ")",
  "，": ",",
  "、": ",",
  "＝": "=",
  "＜": "<",
  "＞": ">",
  "≤": "<=",
  "≥": ">=",
  "≠": "<>",
  "!=": "<>",
  "==": "=",
};

const QUOTED: readonly (readonly [Token["kind"], RegExp])[] = [
  ["text", /'(?:[^']|'')*'/y],
  ["text", /"(?:[^"]|"")*"/y],
  ["text", /“[^”]*”/y],
  ["text", /‘[^’]*’/y],
  ["name", /`(?:[^`]|``)+`/y],
];

const PLAIN: readonly (readonly [Token["kind"], RegExp])[] = [
  ["sign", /<=|>=|<>|!=|==|[=<>(),（），、＝＜＞≤≥≠]/y],
  ["day", /\d{4}-\d{2}-\d{2}(?![\p{L}\p{N}_-])/uy],
  ["number", /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?%?(?![\p{L}\p{N}_.%-])/uy],
  ["word", /[\p{L}\p{N}_](?:[\p{L}\p{N}_.&/@+-]|['’](?=[\p{L}\p{N}]))*/uy],
];

/**
 * The words, signs and values of a condition, and an end behind the last.
 *
 * @returns what cannot be read, as a text, where there is such a thing
 */
export function tokensOf(text: string): Token[] | string {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/u.exec(text.slice(at))![0].length;
    if (at === text.length) return [...tokens, { kind: "end", text: "the end", start: at, end: at }];
    const token = tokenAt(text, at);
    if (token === undefined) return unreadable(text, at);
    tokens.push(token);
    at = token.end;
  }
}

function tokenAt(text: string, start: number): Token | undefined {
  for (const [kind, pattern] of [...QUOTED, ...PLAIN]) {
    pattern.lastIndex = start;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) continue;
    const end = start + found.length;
    if (kind === "sign") return { kind, text: SAME_SIGNS[found] ?? found, start, end };
    return { kind, text: kind === "text" || kind === "name" ? unquoted(found) : found, start, end };
  }
  return undefined;
}

function unquoted(quoted: string): string {
  const quote = quoted[0]!;
  return quoted.slice(1, -1).replaceAll(quote + quote, quote);
}

function unreadable(text: string, at: number): string {
  const character = [...text.slice(at)][0]!;
  if (`'"“‘\``.includes(character)) return `the quote ${character} at ${at + 1} is not closed`;
  return `nothing begins with ${character} (at ${at + 1})`;
}
