import { quoteText } from "./sql.js";

/** A gap, `{rows}`, or words by its number, `{rows|row|rows}`: the first for 1, the second for any other. */
const GAP = /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/;
const GAPS = new RegExp(GAP, "g");
const PARTS = /(\{\w+(?:\|[^|{}]*\|[^|{}]*)?\})/;

/**
 * A sentence with gaps, as SQL text: `phraseSql("every {days} {days|day|days}", { days: "…" })`.
 * Each gap is filled with SQL for a text.
 */
export function phraseSql(template: string, gaps: Readonly<Record<string, string>>): string {
  return template
    .split(PARTS)
    .filter((part) => part !== "")
    .map((part) => {
      const [, gap, one, other] = GAP.exec(part) ?? [];
      if (gap === undefined) return quoteText(part);
      const filled = gaps[gap];
      if (filled === undefined) throw new RangeError(`phrase: nothing fills {${gap}}`);
      if (one === undefined) return filled;
      return `case when (${filled}) = '1' then ${quoteText(one)} else ${quoteText(other!)} end`;
    })
    .join(" || ");
}

/** A sentence with gaps, filled with texts. */
export function phrase(template: string, gaps: Readonly<Record<string, string | number>>): string {
  return template.replace(GAPS, (...match) => {
    const [whole, gap, one, other] = match as [string, string, string?, string?];
    const filled = gaps[gap];
    if (filled === undefined) return whole;
    if (one === undefined) return String(filled);
    return String(filled) === "1" ? one : other!;
  });
}

/** The names of a sentence's gaps, as a type. */
export type GapsOf<Template extends string> = Template extends `${string}{${infer Gap}}${infer Rest}`
  ? (Gap extends `${infer Name}|${string}` ? Name : Gap) | GapsOf<Rest>
  : never;
