import { closeSync, openSync, readSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../engines/engine.js";
import { CrmError, type ErrorKind } from "../errors.js";
import type { ReadSheet } from "./excel.js";

/** How a table lies in its file. */
export type TableFormat = "csv" | "xlsx" | "parquet";

/** By the file's ending; everything else is text. */
export function formatOf(path: string): TableFormat {
  if (/\.xlsx$/i.test(path)) return "xlsx";
  return /\.parquet$/i.test(path) ? "parquet" : "csv";
}

/** A file with a table in it. */
export interface TableFile {
  readonly path: string;
  /** Of a workbook: the name or number of the sheet; default: the first. */
  readonly sheet: string | undefined;
  /** What a sheet that is not there is; default: a fault of the data. */
  readonly sheetFault?: ErrorKind;
}

/**
 * Writes an Excel or Parquet file anew as UTF-8 CSV.
 *
 * @returns of a workbook, which sheet it was
 * @throws CrmError `data` when it cannot be read
 */
export async function convertToCsv(
  { path, ...asked }: TableFile,
  csvPath: string,
  engine: Engine,
): Promise<ReadSheet | undefined> {
  if (formatOf(path) === "xlsx") {
    const { convertExcelToCsv } = await import("./excel.js");
    return convertExcelToCsv(path, csvPath, asked);
  }
  await loadParquet(path, engine);
  await engine.save("select * from raw.converted", csvPath);
  return undefined;
}

async function loadParquet(path: string, engine: Engine): Promise<void> {
  try {
    await engine.load("raw.converted", { format: "parquet", path });
  } catch (error) {
    if (!(error instanceof CrmError) || error.kind !== "engine") throw error;
    throw new CrmError("data", `${path}: cannot be read as a Parquet file`, {
      hint: "write the file anew, or export it as CSV",
      cause: error,
    });
  }
}

/** Does something with a CSV made of an Excel or Parquet file, and removes it; a text file is given as it is. */
export async function withCsv<T>(
  file: TableFile,
  openEngine: () => Promise<Engine>,
  action: (csvPath: string, sheet: ReadSheet | undefined) => Promise<T>,
): Promise<T> {
  if (formatOf(file.path) === "csv") return action(file.path, undefined);
  const folder = await mkdtemp(join(tmpdir(), ".crm-analyze-"));
  const engine = await openEngine();
  try {
    const sheet = await convertToCsv(file, join(folder, "converted.csv"), engine);
    return await action(join(folder, "converted.csv"), sheet);
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Holds a path to be a file that is there and has something in it.
 *
 * @throws CrmError of the given kind, or `data` when it is empty or an old .xls
 */
export function requireFile(path: string, kind: ErrorKind): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new CrmError(kind, `${path}: no such file`);
  if (stats.isDirectory()) throw new CrmError(kind, `${path}: is a folder, not a file`);
  if (stats.size === 0)
    throw new CrmError("data", `${path}: the file is empty`, { hint: "export the file anew" });
  if (formatOf(path) === "csv" && isOldWorkbook(path))
    throw new CrmError("data", `${path}: an old .xls, which is not read`, {
      hint: "save it as .xlsx or CSV",
    });
}

/** The first bytes of what Excel wrote until 2003. */
const OLD_WORKBOOK = Buffer.from("d0cf11e0a1b11ae1", "hex");

function isOldWorkbook(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(OLD_WORKBOOK.length);
    readSync(file, head);
    return head.equals(OLD_WORKBOOK);
  } finally {
    closeSync(file);
  }
}
