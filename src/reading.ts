import { phrase, type GapsOf } from "./phrase.js";
import type { clauses } from "./texts/en-reading.js";
import type { Texts } from "./texts/index.js";

type English = typeof clauses;

/** What is said of how a file was read: a code of `texts.reading`, what fills its gaps, and what goes on in the same clause. */
export type ReadingClause = {
  [Code in keyof English]: {
    readonly code: Code;
    readonly gaps: Readonly<Record<GapsOf<English[Code]>, string | number>>;
    readonly more?: readonly ReadingClause[];
  };
}[keyof English];

/** How a file was read, as one line for people. */
export function readingLine(
  file: string,
  clauses: readonly ReadingClause[],
  { reading }: Pick<Texts, "reading">,
): string {
  return phrase(reading.line, {
    file,
    clauses: clauses.map((clause) => clauseWords(clause, reading)).join(reading.joint),
  });
}

function clauseWords({ code, gaps, more = [] }: ReadingClause, texts: Texts["reading"]): string {
  const role =
    "role" in gaps ? { role: texts.roles[gaps.role as keyof typeof texts.roles] ?? gaps.role } : {};
  const type =
    "type" in gaps ? { type: texts.types[gaps.type as keyof typeof texts.types] ?? gaps.type } : {};
  const rest = more.map((clause) => clauseWords(clause, texts)).join("");
  return `${phrase(texts.clauses[code], { ...gaps, ...role, ...type })}${rest}`;
}
