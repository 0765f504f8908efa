import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { cellsOf, isDoubtful, markOfCells, NUMBER_TYPES } from "../cell-shapes.js";
import type { Engine, InputFile } from "../engines/engine.js";
import { ENTITIES } from "../entities.js";
import { CrmError, problemsError } from "../errors.js";
import { columnNames, foundInstead, readFirstRows, readHeadings } from "../inputs/csv.js";
import { convertToUtf8, markBadBytes } from "../inputs/encoding.js";
import { hashFile, scanCsv, type FileScan } from "../inputs/scan.js";
import { convertToCsv, formatOf } from "../inputs/tabular.js";
import type { FillDown } from "../inputs/fill-down.js";
import { hasWrappedCells, unwrapCells } from "../inputs/wrapped-cells.js";
import { defaultCellType, headingsOf, type FileMapping, type Mapping, type RowWords } from "../mapping.js";
import type { RelationName } from "../relation.js";
import type { Warn, Warning } from "../warning.js";

/** One system's export: a folder of files and the mapping that reads them. */
export interface Source {
  /** The name the pipeline gives it; becomes the `source` column. */
  readonly name: string;
  readonly directory: string;
  readonly mapping: Mapping;
}

/** One file of a source, made readable for the engine and known to it as `relation`. */
export interface Input {
  /** 1, 2, … in the order of the pipeline; stands in every staged row. */
  readonly fileId: number;
  readonly source: string;
  readonly relation: RelationName;
  /** Its name inside the source's folder. */
  readonly file: string;
  /** Where the exported file is. */
  readonly path: string;
  readonly mapping: FileMapping;
  readonly headings: readonly string[];
  readonly readable: InputFile;
  readonly scan: FileScan;
  /** Words by heading that call a row a total, where all such rows add up others: they are left out. */
  readonly totals?: RowWords;
}

/** What ingesting needs beside the sources. */
export interface IngestContext {
  readonly engine: Engine;
  /** For files written anew in UTF-8. */
  readonly temporaryDirectory: string;
  readonly warn: Warn;
}

/**
 * Finds every file, holds its headings against the mapping and hands it to the engine as `raw.<source>__<name>`.
 * A file whose bytes came before is left out with a warning.
 *
 * @throws CrmError `data` with every missing file and heading at once
 */
export async function ingest(sources: readonly Source[], context: IngestContext): Promise<Input[]> {
  const found = findFiles(sources, context);
  const inputs: Input[] = [];
  const problems: string[] = [];
  for (const [index, file] of found.entries()) {
    const input = await prepare(file, index + 1, context);
    problems.push(...headingProblems(input, context.warn));
    for (const warning of await markWarnings(input)) context.warn(warning);
    inputs.push(input);
  }
  if (problems.length > 0)
    throw problemsError("data", problems, "export the files anew, or correct the mapping");
  const fresh = withoutRepeats(inputs, context.warn);
  for (const input of fresh) await context.engine.load(input.relation, input.readable);
  return fresh;
}

type FoundFile = Pick<Input, "relation" | "source" | "file" | "path" | "mapping">;

function findFiles(sources: readonly Source[], { warn }: IngestContext): FoundFile[] {
  const problems: string[] = [];
  const found = sources.flatMap((source) =>
    Object.entries(source.mapping.files).flatMap(([name, mapping]) => {
      const files = matchingFiles(source.directory, mapping.file, problems);
      if (files.length === 0) {
        const path = join(source.directory, mapping.file);
        if (mapping.is_optional) warn({ code: "no_file", gaps: { path } });
        else problems.push(`${path}: no such file`);
      }
      return files.map((file, index) => ({
        relation: `raw.${source.name}__${name}${index === 0 ? "" : `_${index + 1}`}` as RelationName,
        source: source.name,
        file,
        path: join(source.directory, file),
        mapping,
      }));
    }),
  );
  if (problems.length > 0) {
    throw problemsError(
      "data",
      [...new Set(problems)],
      "is the export complete? yesterday's results stay in place",
    );
  }
  return found;
}

function matchingFiles(directory: string, pattern: string, problems: string[]): string[] {
  const names = readFolder(directory, problems);
  const files = names.filter((name) => name === pattern || patternOf(pattern).test(name)).sort();
  return files.filter((file) => {
    const stats = statSync(join(directory, file), { throwIfNoEntry: false });
    if (stats === undefined) problems.push(`${join(directory, file)}: a link that leads nowhere`);
    if (stats?.isDirectory() !== true) return stats !== undefined;
    problems.push(`${join(directory, file)}: is a folder, not a file`);
    return false;
  });
}

/** `*` is any text, `?` any one character. */
function patternOf(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}

function readFolder(directory: string, problems: string[]): string[] {
  try {
    return readdirSync(directory);
  } catch {
    problems.push(`${directory}: no such folder`);
    return [];
  }
}

async function prepare(found: FoundFile, fileId: number, context: IngestContext): Promise<Input> {
  return { ...found, fileId, ...(await makeReadable(found, fileId, context)) };
}

type Readable = Pick<Input, "headings" | "readable" | "scan">;

async function makeReadable(found: FoundFile, fileId: number, context: IngestContext): Promise<Readable> {
  const utf8Path = join(context.temporaryDirectory, `${fileId}.csv`);
  try {
    const [path, layout] = await plainText(found, utf8Path, context);
    const readable = await readableCsv(path, { ...layout, fillDown: found.mapping.fill_down });
    const scan = path === found.path ? readable.scan : { ...readable.scan, ...(await hashFile(found.path)) };
    const cleanPath = await cleanCopy(readable.scan, {
      path,
      delimiter: layout.delimiter,
      copy: `${utf8Path}.clean`,
    });
    return { ...readable, scan, readable: { ...readable.readable, path: cleanPath } };
  } catch (error) {
    if (!(error instanceof CrmError) || error.hint === undefined) throw error;
    const message = error.message.replaceAll(utf8Path, found.path);
    throw new CrmError(error.kind, message, { hint: error.hint, cause: error });
  }
}

/**
 * A file with cells such as `="00123"` is read from a copy with what stands in them, one with bytes that are not UTF-8
 * from a copy in which these are marked: their rows go to the rejects.
 *
 * @returns the path to read from
 */
async function cleanCopy(
  { isUtf8 }: FileScan,
  { path, delimiter, copy }: Readonly<Record<"path" | "delimiter" | "copy", string>>,
): Promise<string> {
  const isWrapped = await hasWrappedCells(path, delimiter);
  if (!isWrapped && isUtf8) return path;
  await (isWrapped ? unwrapCells(path, delimiter, copy) : markBadBytes(path, copy));
  return copy;
}

type Layout = Parameters<typeof readHeadings>[1];

/** The file as UTF-8 text, written anew at `utf8Path` when it is anything else. */
async function plainText(
  found: FoundFile,
  utf8Path: string,
  { engine }: IngestContext,
): Promise<[string, Layout]> {
  const { path, mapping } = found;
  const layout = { delimiter: mapping.delimiter, headerRow: mapping.header_row };
  if (formatOf(path) !== "csv") {
    await convertToCsv({ path, sheet: mapping.sheet }, utf8Path, engine);
    return [utf8Path, { ...layout, delimiter: "," }];
  }
  if (mapping.encoding === "utf-8") return [path, layout];
  await convertToUtf8(path, mapping.encoding, utf8Path);
  return [utf8Path, layout];
}

async function readableCsv(
  path: string,
  layout: { delimiter: string; headerRow: number; fillDown: FillDown | undefined },
): Promise<Readable> {
  const headings = await readHeadings(path, layout);
  const { delimiter, headerRow: skippedLines, fillDown } = layout;
  const scan = await scanCsv(path, { delimiter, skippedLines });
  const columns = columnNames(headings);
  const nameOf = (heading: string) => columns[headings.indexOf(heading)] ?? heading;
  return {
    headings,
    scan,
    readable: {
      ...{ format: "csv", path, columns, delimiter, skippedLines },
      ...(fillDown && { fillDown: { key: nameOf(fillDown.key), columns: fillDown.columns.map(nameOf) } }),
    },
  };
}

/** Headings that are not there, though rows or sums depend on them; of any other a warning. */
function headingProblems(input: Input, warn: Warn): string[] {
  const { required, weighing = [] } = ENTITIES[input.mapping.entity];
  const needed = [...required, ...weighing];
  const missing = Object.entries(input.mapping.columns).flatMap(([column, cell]) =>
    headingsOf(cell)
      .filter((heading) => !input.headings.includes(heading))
      .map((heading) => ({ column, heading, isNeeded: needed.includes(column) })),
  );
  const where = `${input.path}:${input.mapping.header_row}`;
  const { skip_when_empty: empty = [], skip_when, return_when, fill_down: fill } = input.mapping;
  const filled = fill === undefined ? [] : [fill.key, ...fill.columns];
  const telling = [empty, Object.keys({ ...skip_when, ...return_when }), filled].flat();
  for (const { column, heading } of missing.filter(({ isNeeded }) => !isNeeded)) {
    warn({ code: "no_column", gaps: { where, heading, column } });
  }
  const lacking = [
    ...missing.filter(({ isNeeded }) => isNeeded),
    ...telling
      .filter((heading) => !input.headings.includes(heading))
      .map((heading) => ({ column: "which rows count", heading })),
  ];
  return lacking.map(
    ({ column, heading }) =>
      `${where}: no column "${heading}" for ${column}; ${foundInstead(heading, input.headings)}`,
  );
}

/** Columns whose cells speak against the mark that the mapping has their decimals divided by. */
async function markWarnings({ readable, headings, mapping, path }: Input): Promise<Warning[]> {
  if (readable.format !== "csv") return [];
  const marked = Object.entries(mapping.columns).flatMap(([name, { column, type }]) => {
    const read = type ?? defaultCellType(mapping.entity, name);
    const at = column === undefined ? -1 : headings.indexOf(column);
    return at >= 0 && (read === "decimal" || read === "decimal_comma") ? [{ at, read }] : [];
  });
  if (marked.length === 0) return [];
  const rows = (await readFirstRows(readable.path, readable, MARK_ROWS)).slice(readable.skippedLines);
  return marked.flatMap(({ at, read }): Warning[] => {
    const cells = cellsOf(rows, at);
    const mark = isDoubtful(cells) ? markOfCells(cells) : undefined;
    if (mark === undefined || NUMBER_TYPES[mark] === read) return [];
    return [
      {
        code: "mark_doubtful",
        gaps: { path, heading: headings[at]!, type: read, other: NUMBER_TYPES[mark] },
      },
    ];
  });
}

const MARK_ROWS = 2000;

function withoutRepeats(inputs: readonly Input[], warn: Warn): Input[] {
  const kept: Input[] = [];
  for (const input of inputs) {
    const earlier = kept.find((one) => isRepeated(input, one));
    if (earlier === undefined) kept.push(input);
    else {
      const gaps = { path: input.path, earlier: earlier.path, count: input.scan.recordCount };
      warn({ code: "same_bytes", gaps });
    }
  }
  return kept;
}

/** Whether the bytes came before for the same entity; entries that leave out different rows of one file read other rows. */
const isRepeated = (input: Input, earlier: Input) =>
  input.scan.sha256 === earlier.scan.sha256 &&
  input.mapping.entity === earlier.mapping.entity &&
  (input.path !== earlier.path || leftOutOf(input) === leftOutOf(earlier));

const leftOutOf = ({ mapping: { skip_when, skip_when_empty } }: Input) =>
  JSON.stringify([skip_when ?? {}, skip_when_empty ?? []]);
