import { eastAsianWidth } from "get-east-asian-width";
import type { LogStep, Progress } from "./log.js";
import { formatValue, type Locale } from "./format.js";
import type { ShownTable } from "./section.js";
import { harmless, tell } from "./tell.js";
import { textsIn, type Language } from "./texts/index.js";
import { warningWords, type Warning } from "./warning.js";

/** Columns a text takes on a terminal; Chinese characters take two. */
function widthOf(text: string): number {
  return Array.from(text).reduce((width, character) => width + eastAsianWidth(character.codePointAt(0)!), 0);
}

const pad = (text: string, width: number, isRight: boolean) => {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return isRight ? space + text : text + space;
};

/**
 * A table as plain lines: headings, a rule, rows; numbers to the right. Control characters in cells are shown, not
 * obeyed. On a terminal no line is wider than it: headings and texts are folded, and columns that still find no room
 * follow below behind the first one.
 */
export function tableLines(
  { columns, rows }: Pick<ShownTable, "columns" | "rows">,
  locale: Locale,
  room = terminalRoom(),
): string[] {
  const shown = columns.map(({ name, title, format }): TextColumn => {
    const vector = rows.getChild(name)!;
    const cells = Array.from({ length: rows.numRows }, (_, row) =>
      harmless(formatValue(vector.get(row), format, locale)),
    );
    const width = Math.max(widthOf(title), ...cells.map(widthOf));
    return { title, cells, isText: format === "text", width };
  });
  return fittedLines(shrunk(shown, room), room);
}

/** Columns of the terminal; without one there is no limit. */
const terminalRoom = () => (process.stdout.isTTY ? process.stdout.columns : Infinity);

interface TextColumn {
  readonly title: string;
  readonly cells: readonly string[];
  readonly isText: boolean;
  readonly width: number;
}

const BETWEEN = "  ";
/** Text is not folded narrower than this. */
const LEAST_TEXT = 12;
const lineWidth = (columns: readonly TextColumn[]) =>
  columns.reduce((sum, { width }) => sum + width + BETWEEN.length, -BETWEEN.length);

/** Takes from the widest headings first, then from the widest texts, until the columns have room. */
function shrunk(columns: readonly TextColumn[], room: number): TextColumn[] {
  const fitted = columns.map((column) => ({ ...column }));
  const leasts = columns.map(({ cells, title, isText }) => {
    const cellWidth = Math.max(0, ...cells.map(widthOf));
    const heading = Math.max(...unbreakable(title).map(widthOf));
    return { heading: Math.max(cellWidth, heading), text: isText ? Math.max(LEAST_TEXT, heading) : Infinity };
  });
  for (let excess = lineWidth(fitted) - room; excess > 0; excess--) {
    const widest = (limit: "heading" | "text") =>
      fitted.filter((column, i) => column.width > leasts[i]![limit]).toSorted((a, b) => b.width - a.width)[0];
    const taken = widest("heading") ?? widest("text");
    if (taken === undefined) break;
    taken.width -= 1;
  }
  return fitted;
}

/** What of a text stays in one line: words, and single Chinese characters, each with its punctuation. */
const PIECES =
  /\s+|[（“]*(?:\p{sc=Han}|[^\s\p{sc=Han}（）“”，；：、。？]+)[）”，；：、。？]*|[^\s\p{sc=Han}]/gu;
const unbreakable = (text: string): string[] => text.split(/\s+/).flatMap((word) => word.match(PIECES) ?? "");

/** The columns that have room, then the others behind the first. */
function fittedLines(columns: readonly TextColumn[], room: number): string[] {
  const count = columns.findIndex((_, i) => lineWidth(columns.slice(0, i + 1)) > room);
  const [first, ...others] = columns;
  if (count < 2 || columns.length <= 2) return blockLines(columns);
  return [
    ...blockLines(columns.slice(0, count)),
    "",
    ...fittedLines([first!, ...others.slice(count - 1)], room),
  ];
}

function blockLines(columns: readonly TextColumn[]): string[] {
  const rowCount = columns[0]?.cells.length ?? 0;
  return [
    ...rowLines(columns, ({ title }) => title, "bottom"),
    columns.map(({ width }) => "─".repeat(width)).join(BETWEEN),
    ...Array.from({ length: rowCount }, (_, row) =>
      rowLines(columns, ({ cells }) => cells[row]!, "top"),
    ).flat(),
  ];
}

/** A row as one line, or as many as its longest folded text needs. */
function rowLines(
  columns: readonly TextColumn[],
  textOf: (column: TextColumn) => string,
  side: "top" | "bottom",
): string[] {
  const folded = columns.map((column) => fold(textOf(column), column.width));
  const height = Math.max(...folded.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ width, isText }, i) => {
        const lines = folded[i]!;
        const own = side === "top" ? line : line - (height - lines.length);
        return pad(lines[own] ?? "", width, !isText);
      })
      .join(BETWEEN)
      .trimEnd(),
  );
}

/** A text as lines no wider than the terminal, parted between words where it can be; without a terminal it is one. */
export function fold(text: string, width = terminalRoom()): string[] {
  if (widthOf(text) <= width) return [text];
  const lines = [""];
  for (const piece of text.match(PIECES) ?? [])
    for (const part of widthOf(piece) > width ? Array.from(piece) : [piece]) {
      if (widthOf(lines.at(-1)! + part.trimEnd()) > width) lines.push(part.trimStart());
      else lines[lines.length - 1] += part;
    }
  return lines.map((line) => line.trimEnd());
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
export function quietProgress(language: Language): Progress {
  return {
    begin: () => undefined,
    end: () => undefined,
    warn: (warning) => tell(warningLine(warning, language)),
  };
}

function warningLine(warning: Warning, language: Language): string {
  const texts = textsIn(language);
  return texts.report.warning(warningWords(warning, texts));
}

/** A line that is rewritten on a terminal, and elsewhere nothing but warnings. */
export const askedProgress = (language: Language): Progress =>
  process.stderr.isTTY ? openProgress(language) : quietProgress(language);

/** One line that is rewritten on a terminal, a plain line a step elsewhere. */
export function openProgress(language: Language): Progress {
  if (!process.stderr.isTTY || process.env["TERM"] === "dumb") return plainProgress(language);
  const clear = "\r\u001b[2K";
  const underWay: string[] = [];
  const show = () => {
    const name = underWay.at(-1);
    process.stderr.write(name === undefined ? clear : `${clear}… ${name}`);
  };
  return {
    begin(name) {
      underWay.push(name);
      show();
    },
    end({ name }) {
      underWay.splice(underWay.lastIndexOf(name), 1);
      show();
    },
    warn: (warning) => process.stderr.write(`${clear}${harmless(warningLine(warning, language))}\n`),
  };
}

const plainProgress = (language: Language): Progress => ({
  ...quietProgress(language),
  end: ({ name, rows, milliseconds }: LogStep) =>
    process.stderr.write(`${name}: ${rows} ${rows === 1 ? "row" : "rows"}, ${milliseconds} ms\n`),
});
