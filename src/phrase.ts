import { quoteText } from "./sql.js";

/**
 * A sentence with gaps, as SQL text: `phraseSql("every {days} days", { days: "…" })`.
 * Each gap is filled with SQL for a text.
 */
export function phraseSql(template: string, gaps: Readonly<Record<string, string>>): string {
  return template
    .split(/(\{\w+\})/)
    .filter((part) => part !== "")
    .map((part) => {
      const gap = /^\{(\w+)\}$/.exec(part)?.[1];
      if (gap === undefined) return quoteText(part);
      const filled = gaps[gap];
      if (filled === undefined) throw new RangeError(`phrase: nothing fills {${gap}}`);
      return filled;
    })
    .join(" || ");
}

/** A sentence with gaps, filled with texts. */
export function phrase(template: string, gaps: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, gap: string) => String(gaps[gap] ?? `{${gap}}`));
}
