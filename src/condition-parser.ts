import type { Comparison, Condition, ConditionColumn, ConditionKind, Operand } from "./condition.js";
import { tokensOf, type Token } from "./condition-tokens.js";
import { didYouMean } from "./nearest.js";

/** A condition that was read, or everything that is wrong with it. */
export type ParsedCondition =
  | { readonly kind: "condition"; readonly condition: Condition }
  | { readonly kind: "problems"; readonly problems: readonly string[] };

/**
 * A condition from its text, checked against the columns there are:
 *
 *     condition = all { "or" all }
 *     all       = part { "and" part }
 *     part      = "not" part | "(" condition ")" | column | value test
 *     test      = ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) value
 *               | [ "not" ] "in" "(" value { "," value } ")"
 *               | [ "not" ] "between" value "and" value
 *               | "is" [ "not" ] "missing"
 *     value     = column | number | day | text | "true" | "false"
 *
 * Behind a test, words that are no column's name stand for themselves as text. Nothing is called, nothing computed.
 */
export function parseCondition(text: string, columns: readonly ConditionColumn[]): ParsedCondition {
  const tokens = tokensOf(text);
  if (typeof tokens === "string") return { kind: "problems", problems: [tokens] };
  const reading: Reading = { text, tokens, place: 0, columns, problems: [] };
  try {
    const condition = readAny(reading);
    if (peek(reading).kind !== "end") throw expected(reading, "and, or, or the end");
    if (reading.problems.length === 0) return { kind: "condition", condition };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    reading.problems.push(error.message);
  }
  return { kind: "problems", problems: reading.problems };
}

/** Deeper brackets than anybody reads. */
const DEEPEST = 100;

interface Reading {
  readonly text: string;
  readonly tokens: readonly Token[];
  place: number;
  readonly columns: readonly ConditionColumn[];
  readonly problems: string[];
  depth?: number;
}

const peek = ({ tokens, place }: Reading) => tokens[Math.min(place, tokens.length - 1)]!;
const isWord = (token: Token, word: string) => token.kind === "word" && token.text.toLowerCase() === word;
const isSign = (token: Token, sign: string) => token.kind === "sign" && token.text === sign;

/** Takes the next token when it is that word or sign. */
function takes(reading: Reading, wanted: string): boolean {
  const token = peek(reading);
  const isIt = isWord(token, wanted) || isSign(token, wanted);
  if (isIt) reading.place += 1;
  return isIt;
}

function demand(reading: Reading, wanted: string): void {
  if (!takes(reading, wanted)) throw expected(reading, wanted);
}

function expected(reading: Reading, wanted: string): SyntaxError {
  const { kind, text, start } = peek(reading);
  const found = kind === "end" ? "the end" : `"${text}"`;
  return new SyntaxError(`write ${wanted} at ${start + 1}, found ${found}`);
}

function readAny(reading: Reading): Condition {
  const parts = [readAll(reading)];
  while (takes(reading, "or")) parts.push(readAll(reading));
  return parts.length === 1 ? parts[0]! : { kind: "any", parts };
}

function readAll(reading: Reading): Condition {
  const parts = [readPart(reading)];
  while (takes(reading, "and")) parts.push(readPart(reading));
  return parts.length === 1 ? parts[0]! : { kind: "all", parts };
}

function readPart(reading: Reading): Condition {
  reading.depth = (reading.depth ?? 0) + 1;
  if (reading.depth > DEEPEST) throw new SyntaxError(`brackets and nots are more than ${DEEPEST} deep`);
  const part = readOne(reading);
  reading.depth -= 1;
  return part;
}

function readOne(reading: Reading): Condition {
  if (takes(reading, "not")) return { kind: "not", part: readPart(reading) };
  if (takes(reading, "(")) {
    const inner = readAny(reading);
    demand(reading, ")");
    return inner;
  }
  return readTest(reading, readOperand(reading, false));
}

const COMPARISONS: readonly string[] = ["=", "<>", "<", "<=", ">", ">="] satisfies Comparison[];

function readTest(reading: Reading, operand: Operand): Condition {
  const token = peek(reading);
  if (token.kind === "sign" && COMPARISONS.includes(token.text)) {
    reading.place += 1;
    return comparison(reading, operand, token.text as Comparison);
  }
  if (takes(reading, "is")) return readMissing(reading, operand);
  const isDenied = takes(reading, "not");
  const test = readRange(reading, operand, isDenied);
  return isDenied ? { kind: "not", part: test } : test;
}

function readRange(reading: Reading, operand: Operand, isDenied: boolean): Condition {
  if (takes(reading, "in")) return readIn(reading, operand);
  if (takes(reading, "between")) {
    const low = fitting(reading, operand, readOperand(reading, true));
    demand(reading, "and");
    const high = fitting(reading, operand, readOperand(reading, true));
    requireOrder(reading, operand, "between");
    return { kind: "between", operand, low, high };
  }
  if (!isDenied && operand.kind === "column") {
    if (operand.column.kind === "truth") return { kind: "holds", column: operand.column };
    if (operand.column.name === UNKNOWN_COLUMN) return { kind: "holds", column: operand.column };
  }
  throw expected(reading, isDenied ? "in or between" : "= != < <= > >= in, between or is missing");
}

function comparison(reading: Reading, left: Operand, sign: Comparison): Condition {
  const written = readOperand(reading, true);
  const right = fitting(reading, left, written);
  const isOrdered = sign !== "=" && sign !== "<>";
  if (isOrdered) requireOrder(reading, left, sign);
  if (isOrdered && kindOf(left) === "text" && !isUnknown(left) && written.kind === "number")
    reading.problems.push(`${shown(left)} holds text, and ${sign} ${written.value} compares numbers`);
  return { kind: "compare", left, comparison: sign, right };
}

function readIn(reading: Reading, operand: Operand): Condition {
  demand(reading, "(");
  const values = [fitting(reading, operand, readOperand(reading, true))];
  while (takes(reading, ",")) values.push(fitting(reading, operand, readOperand(reading, true)));
  demand(reading, ")");
  return { kind: "in", operand, values };
}

function readMissing(reading: Reading, operand: Operand): Condition {
  const isDenied = takes(reading, "not");
  demand(reading, "missing");
  if (operand.kind !== "column") throw new SyntaxError("only a column can be missing");
  const test: Condition = { kind: "missing", column: operand.column };
  return isDenied ? { kind: "not", part: test } : test;
}

/** @param isBehind behind a test, where words may stand for themselves */
function readOperand(reading: Reading, isBehind: boolean): Operand {
  const token = peek(reading);
  if (token.kind === "end" || token.kind === "sign") throw expected(reading, "a column or a value");
  if (token.kind === "word") return readWords(reading, isBehind);
  reading.place += 1;
  if (token.kind === "name") return columnNamed(reading, token.text);
  if (token.kind === "number") return { kind: "number", value: numberOf(reading, token.text) };
  if (token.kind === "text") return { kind: "text", value: token.text };
  if (!isDay(token.text)) reading.problems.push(`${token.text} is no day that exists`);
  return { kind: "day", value: token.text };
}

function numberOf({ problems }: Reading, text: string): number {
  const number = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (Number.isFinite(number)) return number;
  problems.push(`${text} is too large; numbers go up to 1.7e308`);
  return 0;
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const RESERVED = ["and", "or", "not", "in", "between", "is", "missing"];

function readWords(reading: Reading, isBehind: boolean): Operand {
  const first = peek(reading);
  if (RESERVED.includes(first.text.toLowerCase())) throw expected(reading, "a column or a value");
  reading.place += 1;
  if (isWord(first, "true") || isWord(first, "false")) return { kind: "truth", value: isWord(first, "true") };
  const isColumn = reading.columns.some(({ name }) => name === first.text);
  if (isColumn || !isBehind) return columnNamed(reading, first.text);
  let last = first;
  for (let next = peek(reading); isPlain(next); next = peek(reading)) {
    last = next;
    reading.place += 1;
  }
  return { kind: "text", value: reading.text.slice(first.start, last.end) };
}

/** A word that goes on with the text before it. */
const isPlain = ({ kind, text }: Token) =>
  kind === "number" || kind === "day" || (kind === "word" && !RESERVED.includes(text.toLowerCase()));

/** Stands in for a column that is not there, so that reading can go on. */
const UNKNOWN_COLUMN = "";

function columnNamed(reading: Reading, name: string): Operand {
  const column = reading.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return { kind: "column", column };
  const names = reading.columns.map((known) => known.name);
  reading.problems.push(
    `there is no column ${name}${didYouMean(name, names)}; there are ${names.join(", ")}`,
  );
  return { kind: "column", column: { name: UNKNOWN_COLUMN, kind: "text" } };
}

const kindOf = (operand: Operand): ConditionKind =>
  operand.kind === "column" ? operand.column.kind : operand.kind;
const isUnknown = (operand: Operand) => operand.kind === "column" && operand.column.name === UNKNOWN_COLUMN;

const KIND_NAMES: Readonly<Record<ConditionKind, string>> = {
  text: "text",
  number: "a number",
  day: "a day, such as 2025-12-31",
  truth: "true or false",
};

/** A value as what it is compared with needs it: of a text, numbers and days are taken as they are written. */
function fitting(reading: Reading, operand: Operand, value: Operand): Operand {
  const [wanted, found] = [kindOf(operand), kindOf(value)];
  if (wanted === found || isUnknown(operand) || isUnknown(value)) return value;
  if (wanted === "text" && value.kind !== "column") {
    const token = reading.tokens[reading.place - 1]!;
    return { kind: "text", value: token.text };
  }
  reading.problems.push(`${shown(operand)} holds ${KIND_NAMES[wanted]}, found ${shown(value)}`);
  return value;
}

function requireOrder(reading: Reading, operand: Operand, test: string): void {
  if (kindOf(operand) === "truth")
    reading.problems.push(`${shown(operand)} is true or false, and has no order for ${test}`);
}

function shown(operand: Operand): string {
  if (operand.kind === "column") return operand.column.name;
  return operand.kind === "text" ? `"${operand.value}"` : String(operand.value);
}
