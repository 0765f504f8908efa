import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { dayOfSeconds, isoDay } from "./exports.js";

const DEMO = fileURLToPath(new URL("../../fixtures/demo/", import.meta.url));

/** A file of the demo firm whose rows have a day; places below 0 count from the row's end, for names may hold commas. */
interface DatedFile {
  readonly file: string;
  /** Of the cell that says when the row came to be. */
  readonly dayAt: number;
  /** True of rows that count whenever they came to be. */
  readonly isTimeless?: (cells: readonly string[]) => boolean;
  /** Makes of a row's cells what they were on a day before the rest of its story. */
  readonly turnBack?: (cells: string[], isLater: (cell: string | undefined) => boolean) => void;
}

const FILES: readonly DatedFile[] = [
  { file: "erp/orders.csv", dayAt: 1 },
  { file: "erp/rates.csv", dayAt: 1 },
  { file: "crm/activities.csv", dayAt: 2 },
  { file: "crm/consents.csv", dayAt: -2, isTimeless: (cells) => cells[3] === "OPT_OUT" },
  {
    file: "crm/deals.csv",
    dayAt: -4,
    turnBack: (cells, isLater) => {
      if (isLater(cells.at(-3)) && /^closed/.test(cells.at(-5)!))
        cells.splice(-5, 1, "decisionmakerboughtin");
    },
  },
  {
    file: "crm/tickets.csv",
    dayAt: -7,
    turnBack: (cells, isLater) => {
      if (isLater(cells.at(-6))) cells.splice(-6, 1, "");
      if (!isLater(cells.at(-5))) return;
      cells.splice(-5, 1, "");
      cells.splice(-2, 1, "");
    },
  },
  {
    file: "billing/invoices.csv",
    dayAt: 3,
    turnBack: (cells, isLater) => {
      if (!isLater(cells[9])) return;
      cells.splice(5, 1, "open");
      cells.splice(8, 2, "0", "");
    },
  },
  { file: "billing/charges.csv", dayAt: 3 },
  { file: "billing/refunds.csv", dayAt: 4 },
  {
    file: "billing/subscriptions.csv",
    dayAt: 4,
    turnBack: (cells, isLater) => {
      if (!isLater(cells[6])) return;
      cells.splice(3, 1, "active");
      cells.splice(6, 2, "", "");
    },
  },
];

/**
 * Writes the demo firm's exports as they would have been made on a day: without rows that came later, and with what had
 * not happened yet taken back. Customers and products, which have no day, stay, as does who said no.
 */
export function writeExportOfDay(folder: string, day: string): void {
  cpSync(DEMO, folder, { recursive: true });
  const isLater = (cell: string | undefined) => cell !== undefined && dayOf(cell) > day;
  for (const { file, dayAt, isTimeless, turnBack } of FILES)
    rewrite(folder, file, (cells) => {
      if (isLater(cells.at(dayAt)) && isTimeless?.(cells) !== true) return undefined;
      turnBack?.(cells, isLater);
      return cells;
    });
  const kept = new Set(linesOf(folder, "erp/orders.csv").map((line) => line.split(",")[0]));
  rewrite(folder, "erp/order_lines.csv", (cells) =>
    /^(XS|TH)\d+$/.test(cells[0]!) && !kept.has(cells[0]) ? undefined : cells,
  );
}

/** The day of a cell, whichever way a system writes it; nothing is later than what is no day. */
function dayOf(cell: string): string {
  if (/^\d{9,10}$/.test(cell)) return dayOfSeconds(cell);
  return /^\d{4}[-/]\d{1,2}[-/]\d{1,2}/.test(cell) ? isoDay(cell.slice(0, 10)) : "";
}

const linesOf = (folder: string, file: string) => readFileSync(join(folder, file), "latin1").split(/(?<=\n)/);

/** Byte by byte, so that the encoding stays as it is; a row whose name holds a line end is left alone. */
function rewrite(folder: string, file: string, edit: (cells: string[]) => string[] | undefined): void {
  const lines = linesOf(folder, file).flatMap((line) => {
    const end = /\r?\n$/.exec(line)?.[0] ?? "";
    const cells = edit(line.slice(0, line.length - end.length).split(","));
    return cells === undefined ? [] : [cells.join(",") + end];
  });
  writeFileSync(join(folder, file), lines.join(""), "latin1");
}
