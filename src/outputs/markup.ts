const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** HTML that is safe to send. Only `html` and `trusted` make it, so data cannot pass for markup. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in an `html` template: text is escaped, markup is not, lists are joined, nothing is left out as nothing. */
export type Content = string | number | Markup | undefined | readonly Content[];

/** A piece of a page: html`<p>${answer}</p>` escapes `answer`. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  const parts = strings.map((text, index) => text + markupOf(contents[index]));
  return { markup: parts.join("") };
}

/** Markup of our own making, such as a chart or the style sheet; never text from data. */
export function trusted(markup: string): Markup {
  return { markup };
}

/** Text that is safe between tags and between quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

function markupOf(content: Content): string {
  if (content === undefined) return "";
  if (typeof content === "string") return escapeHtml(content);
  if (typeof content === "number") return String(content);
  if ("markup" in content) return content.markup;
  return content.map(markupOf).join("");
}
