import { eastAsianWidth } from "get-east-asian-width";
import type { LogStep, Progress } from "./log.js";
import { formatValue, type Locale } from "./format.js";
import type { ShownTable } from "./section.js";
import { harmless, tell } from "./tell.js";

/** Columns a text takes on a terminal; Chinese characters take two. */
function widthOf(text: string): number {
  return Array.from(text).reduce((width, character) => width + eastAsianWidth(character.codePointAt(0)!), 0);
}

const pad = (text: string, width: number, isRight: boolean) => {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return isRight ? space + text : text + space;
};

/** A table as plain lines: headings, a rule, rows; numbers to the right. Control characters in cells are shown, not obeyed. */
export function tableLines(
  { columns, rows }: Pick<ShownTable, "columns" | "rows">,
  locale: Locale,
): string[] {
  const cells = Array.from({ length: rows.numRows }, (_, row) =>
    columns.map(({ name, format }) => harmless(formatValue(rows.getChild(name)!.get(row), format, locale))),
  );
  const widths = columns.map(({ title }, i) =>
    Math.max(widthOf(title), ...cells.map((row) => widthOf(row[i]!))),
  );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, i) => pad(text, widths[i]!, columns[i]!.format !== "text"))
      .join("  ")
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...cells.map(line),
  ];
}

/** True where colour and rewriting of lines are wanted. */
export function isLively(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY && process.env["NO_COLOR"] === undefined && process.env["TERM"] !== "dumb";
}

/** Headings stand out on a terminal and are plain elsewhere. */
export function heading(text: string): string {
  return isLively(process.stdout) ? `\u001b[1m${text}\u001b[22m` : text;
}

/** Nothing but warnings. */
export const quietProgress: Progress = {
  begin: () => undefined,
  end: () => undefined,
  warn: (warning) => tell(`warning: ${warning}`),
};

/** One line that is rewritten on a terminal, a plain line a step elsewhere. */
export function openProgress(): Progress {
  if (!process.stderr.isTTY || process.env["TERM"] === "dumb") return plainProgress;
  const clear = "\r\u001b[2K";
  return {
    begin: (name) => process.stderr.write(`${clear}… ${name}`),
    end: () => process.stderr.write(clear),
    warn: (warning) => process.stderr.write(`${clear}warning: ${harmless(warning)}\n`),
  };
}

const plainProgress: Progress = {
  ...quietProgress,
  end: ({ name, rows, milliseconds }: LogStep) =>
    process.stderr.write(`${name}: ${rows} rows, ${milliseconds} ms\n`),
};
