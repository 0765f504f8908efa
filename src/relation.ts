import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { CrmError } from "./errors.js";
import { packageRoot } from "./package.js";

/** The layers, in the order the data flows. A relation reads only its own layer or one before it. */
export const LAYERS = ["run", "raw", "staged", "unified", "facts", "features", "results"] as const;
/** One of them. */
export type Layer = (typeof LAYERS)[number];
/** Layer and name, which is also the path of the SQL file: `sql/facts/orders.sql`. */
export type RelationName = `${Layer}.${string}`;

/** One SQL file and what its header promises. */
export interface Relation {
  readonly name: RelationName;
  readonly description: string;
  /** The columns that tell its rows apart. */
  readonly grain: readonly string[];
  /** True where the query groups by columns of the grain alone: then no two rows are alike in it. */
  readonly isGrouped: boolean;
  /** Conditions that hold for every row, or the run stops. */
  readonly checks: readonly string[];
  /** Conditions whose breach goes to the report. */
  readonly warnings: readonly string[];
  /** What the columns that need explaining mean. */
  readonly columns: Readonly<Record<string, string>>;
  readonly reads: readonly RelationName[];
  readonly select: string;
}

const SQL_DIRECTORY = new URL("sql/", packageRoot);

/** The text of `sql/functions/<engine>.sql`. */
export function readFunctions(engine: string): string {
  return readFileSync(new URL(`functions/${engine}.sql`, SQL_DIRECTORY), "utf8");
}

/** Every relation under `sql/`, by layer and name; each file is read when its relation is first asked for more. */
export function readRelations(): Relation[] {
  return LAYERS.flatMap((layer) =>
    sqlFiles(new URL(`${layer}/`, SQL_DIRECTORY)).map((url) =>
      readLater(`${layer}.${basename(url.pathname, ".sql")}`, url),
    ),
  );
}

function readLater(name: RelationName, url: URL): Relation {
  let parsed: Relation | undefined;
  const read = () => (parsed ??= parseRelation(name, readFileSync(url, "utf8")));
  return {
    name,
    get description() {
      return read().description;
    },
    get grain() {
      return read().grain;
    },
    get isGrouped() {
      return read().isGrouped;
    },
    get checks() {
      return read().checks;
    },
    get warnings() {
      return read().warnings;
    },
    get columns() {
      return read().columns;
    },
    get reads() {
      return read().reads;
    },
    get select() {
      return read().select;
    },
  };
}

function sqlFiles(directory: URL): URL[] {
  try {
    const files = readdirSync(directory).filter((file) => file.endsWith(".sql"));
    return files.sort().map((file) => new URL(file, directory));
  } catch {
    return [];
  }
}

/**
 * A relation from the text of its file.
 *
 * @throws CrmError `configuration` without a `-- grain:` line
 */
export function parseRelation(name: RelationName, text: string): Relation {
  const header = /^(?:--.*\n)*/.exec(text)![0];
  const lines = header
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace(/^--\s?/, ""));
  const valuesOf = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}: `)).map((line) => line.slice(key.length + 2));
  const grain = valuesOf("grain")[0]?.split(", ");
  if (grain === undefined) {
    throw new CrmError(
      "configuration",
      `${join("sql", name.replace(".", "/"))}.sql: no "-- grain: column, …" line`,
    );
  }
  const select = text.slice(header.length).trim();
  return {
    name,
    description: lines.filter((line) => !/^\w+: /.test(line)).join(" "),
    grain,
    isGrouped: groupsBy(select, grain),
    checks: valuesOf("check"),
    warnings: valuesOf("warn"),
    columns: columnNotes(lines),
    reads: references(text),
    select,
  };
}

/** Told by how SQL is laid out here: the last SELECT stands at the margin, a column a line; a test compares it with the parser. */
function groupsBy(select: string, grain: readonly string[]): boolean {
  const last = select.slice(`\n${select}`.lastIndexOf("\nselect\n"));
  const [, listed = "", grouped] =
    /^select\n([^]*?)^from [^]*^group by\b([^]*?)(?:^(?:having|order by)\b|$(?![^]))/m.exec(last) ?? [];
  if (grouped === undefined || /^union\b/m.test(select)) return false;
  const columns = listed.split(",\n").map((column) => column.trim());
  return grouped
    .split(",")
    .map((column) => column.trim())
    .every((column) => columns.includes(column) && grain.includes(column.split(".").at(-1)!));
}

function columnNotes(lines: readonly string[]): Record<string, string> {
  const notes = lines.map((line) => /^(\w+): (.*)$/.exec(line)).filter((match) => match !== null);
  return Object.fromEntries(
    notes.map(([, key, note]) => [key!, note!]).filter(([key]) => !["grain", "check", "warn"].includes(key!)),
  );
}

/** Relations a query reads. Every relation carries its layer's name, so a pattern is enough; a test compares it with the parser. */
export function references(sql: string): RelationName[] {
  const code = sql.replace(/--.*$/gm, "").replace(/'(?:[^']|'')*'/g, "''");
  const found = code.matchAll(new RegExp(`\\b(?:from|join)\\s+((?:${LAYERS.join("|")})\\.\\w+)`, "g"));
  return [...new Set(Array.from(found, (match) => match[1] as RelationName))];
}

/**
 * The targets and everything they read, each after what it reads.
 *
 * @throws CrmError `configuration` when relations read each other in a circle
 */
export function inOrder(relations: readonly Relation[], targets: readonly RelationName[]): Relation[] {
  const byName = new Map(relations.map((relation) => [relation.name, relation]));
  const done = new Set<Relation>();
  const visit = (name: RelationName, path: readonly RelationName[]): void => {
    const relation = byName.get(name);
    if (relation === undefined || done.has(relation)) return;
    if (path.includes(name)) {
      throw new CrmError("configuration", `relations read each other: ${[...path, name].join(" → ")}`);
    }
    for (const read of relation.reads) visit(read, [...path, name]);
    done.add(relation);
  };
  for (const target of targets) visit(target, []);
  return [...done];
}
