import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine } from "../src/engines/engine.js";
import { ENTITY_NAMES } from "../src/entities.js";
import { openLog } from "../src/log.js";
import { barePlan } from "../src/pipeline.js";
import { inOrder, LAYERS, readFunctions, readRelations, type Layer } from "../src/relation.js";
import { quoteText } from "../src/sql.js";
import { analyze, buildFor, chosenAnalyses, type AnalyzeContext } from "../src/steps/analyze.js";
import { buildRelation } from "../src/steps/build.js";
import { settle } from "../src/steps/settle.js";
import { unify } from "../src/steps/unify.js";
import { textsIn } from "../src/texts/index.js";
import { ENGINES, emptyEntitySql, rowsOf } from "./engines/warehouse.js";

const SQL = fileURLToPath(new URL("../sql/", import.meta.url));
const RELATIONS = readRelations();
const textOf = (name: string) => readFileSync(join(SQL, `${name.replace(".", "/")}.sql`), "utf8");

/** The code alone: no comments, nothing within quotes. */
const codeOf = (text: string) => text.replace(/--.*$/gm, "").replace(/'(?:[^']|'')*'/g, "''");

/** What SQL under sql/ may call beside the functions of an engine's file: the same word, with the same meaning, in every engine. */
const COMMON_FUNCTIONS = [
  ..."count sum min max avg coalesce nullif abs round floor ceil greatest least exp ln sqrt lower upper length substr replace cast".split(
    " ",
  ),
  ..."row_number rank dense_rank lag lead".split(" "),
];
const KEYWORDS_BEFORE_PARENTHESES =
  "in over with as and or not when then else on from where by exists case select join having between partition".split(
    " ",
  );
const DEFINED = [...readFunctions("duckdb").matchAll(/create or replace macro (\w+)\(/g)].map(
  ([, name]) => name!,
);

interface Node {
  readonly [key: string]: unknown;
}

function* nodesOf(tree: unknown): Generator<Node> {
  if (Array.isArray(tree)) for (const item of tree) yield* nodesOf(item);
  else if (typeof tree === "object" && tree !== null) {
    yield tree as Node;
    for (const value of Object.values(tree)) yield* nodesOf(value);
  }
}

let engine: Engine;
beforeAll(async () => {
  engine = await ENGINES[0]!.open();
});
afterAll(() => engine.close());

async function parseTree(select: string): Promise<{ statements: readonly { node: Node }[] }> {
  const [row] = await rowsOf(engine, `select json_serialize_sql(${quoteText(select)}) as tree`);
  const tree = JSON.parse(String(row!["tree"])) as { error: boolean; statements: readonly { node: Node }[] };
  expect(tree.error).toBe(false);
  return tree;
}

test("every file lies in its layer's folder", () => {
  const layers = readdirSync(SQL).filter((folder) => folder !== "functions");
  expect(layers.filter((folder) => !LAYERS.includes(folder as Layer))).toEqual([]);
  const files = layers.flatMap((layer) =>
    readdirSync(join(SQL, layer)).map((file) => `${layer}.${file.replace(".sql", "")}`),
  );
  expect(RELATIONS.map(({ name }) => name as string).sort()).toEqual(files.sort());
  expect(RELATIONS.length).toBeGreaterThan(15);
});

test("what groups by its grain is known, and what does not is counted", () => {
  const isGrouped = (name: string) => RELATIONS.find((relation) => relation.name === name)!.isGrouped;
  for (const name of ["features.order_days", "features.basket_lines", "facts.currencies"])
    expect(isGrouped(name)).toBe(true);
  for (const name of ["facts.orders", "unified.customers", "results.rfm"])
    expect(isGrouped(name)).toBe(false);
});

test("no relations read each other in a circle", () => {
  const names = RELATIONS.map(({ name }) => name);
  expect(
    inOrder(RELATIONS, names)
      .map(({ name }) => name)
      .sort(),
  ).toEqual([...names].sort());
});

describe.each(RELATIONS)("$name", (relation) => {
  const text = textOf(relation.name);
  const code = codeOf(text);
  const layer = LAYERS.indexOf(relation.name.split(".")[0] as Layer);

  test("says what it is and what tells its rows apart", () => {
    expect(relation.description).toMatch(/^[A-Z].*\.$/);
    expect(relation.grain.length).toBeGreaterThan(0);
  });

  test("reads its own layer or one before", () => {
    const later = relation.reads.filter((read) => LAYERS.indexOf(read.split(".")[0] as Layer) > layer);
    expect(later).toEqual([]);
    expect(relation.reads).not.toContain(relation.name);
  });

  test("reads what the engine's own parser says it reads", async () => {
    const { statements } = await parseTree(relation.select);
    const tables = [...nodesOf(statements)].filter(
      (node) => node["type"] === "BASE_TABLE" && node["schema_name"] !== "",
    );
    const names = new Set(
      tables.map((node) => `${String(node["schema_name"])}.${String(node["table_name"])}`),
    );
    expect([...names].sort()).toEqual([...relation.reads].sort());
  });

  test("is one SELECT that lists its columns", async () => {
    const { statements } = await parseTree(relation.select);
    expect(statements).toHaveLength(1);
    expect(relation.select).not.toContain(";");
    const last = [statements[0]!.node].flatMap((node) =>
      node["type"] === "SET_OPERATION_NODE" ? [node["left"] as Node, node["right"] as Node] : [node],
    );
    for (const node of last) {
      const stars = (node["select_list"] as Node[] | undefined)?.filter(({ type }) => type === "STAR") ?? [];
      expect(stars).toEqual([]);
    }
  });

  test("keeps to the portable subset", async () => {
    expect(code).not.toMatch(/::/);
    expect(code).not.toMatch(/\busing\s*\(/);
    expect(code).not.toMatch(/\bqualify\b/);
    expect(code).not.toMatch(/\bdistinct\s+on\b/);
    expect(code).not.toMatch(/\b(group|order)\s+by\s+(\d|all\b)/);
    expect(code).not.toMatch(
      /\b(lateral|pivot|unpivot|unnest|ilike|asof|semi join|anti join|natural join|exclude|columns\s*\()/,
    );
    expect(code).not.toMatch(/\[|\]|\{|\}|->/);
    const bare = [...code.matchAll(/(\w+)\s+join\b/g)].map(([, kind]) => kind!);
    expect(bare.filter((kind) => !["inner", "left", "outer", "cross"].includes(kind))).toEqual([]);
    const { statements } = await parseTree(relation.select);
    const crossed = [...nodesOf(statements)].filter(
      (node) => node["type"] === "JOIN" && node["ref_type"] === "CROSS",
    );
    expect(crossed.length, "comma joins").toBe([...code.matchAll(/\bcross join\b/g)].length);
  });

  test("cuts rows off by an order that ends in what tells them apart", () => {
    const cuts = [...code.matchAll(/\border by((?:(?!\border by\b)[^])*?)\blimit\b/g)];
    expect(cuts.length).toBe([...code.matchAll(/\blimit\b/g)].length);
    const last = cuts.map(([, terms]) => /(\w+)(?: desc| asc)?\s*$/.exec(terms!)![1]);
    expect(last.filter((column) => !relation.grain.includes(column!))).toEqual([]);
  });

  test("groups by columns of its grain alone, as the engine's own parser says, where it is taken to", async () => {
    if (!relation.isGrouped) return;
    const { statements } = await parseTree(relation.select);
    const { type, select_list, group_expressions } = statements[0]!.node as Record<string, unknown>;
    expect(type).toBe("SELECT_NODE");
    const named = (part: unknown) => (part as { column_names?: string[] }[]).map((node) => node.column_names);
    const shown = (select_list as { alias: string; column_names?: string[] }[]).filter(
      ({ alias, column_names: names }) => alias === "" || alias === names?.at(-1),
    );
    for (const column of named(group_expressions)) {
      expect(named(shown)).toContainEqual(column);
      expect(relation.grain).toContain(column!.at(-1));
    }
  });

  test("calls common functions and those of the engine's file", () => {
    const called = [...code.matchAll(/\b([a-z_]\w*)\s*\(/g)].map(([, name]) => name!);
    const ctes = [...code.matchAll(/\b(\w+) as \(/g)].map(([, name]) => name!);
    const known = new Set([...COMMON_FUNCTIONS, ...KEYWORDS_BEFORE_PARENTHESES, ...DEFINED, ...ctes]);
    expect([...new Set(called)].filter((name) => !known.has(name))).toEqual([]);
  });

  test("is written as the others are", () => {
    expect(code).not.toMatch(/[A-Z]/);
    expect(text).not.toMatch(/\t|\r| $/m);
    expect(text).toMatch(/[^\n]\n$/);
    const indents = text.split("\n").map((line) => /^ */.exec(line)![0].length);
    expect(indents.filter((indent) => indent % 4 !== 0)).toEqual([]);
    expect(code).not.toMatch(/,\s*\bfrom\b/);
  });
});

/**
 * Names that stand for another expression of the same SELECT: in its list, its conditions or its groups.
 * A name that some table of the query has too is taken for the table's.
 */
function lateralAliases(tree: unknown, tableColumns: readonly string[]): string[] {
  const nodes = [...nodesOf(tree)];
  const selects = nodes.filter((node) => Array.isArray(node["select_list"]));
  return selects.flatMap((select) => {
    const items = select["select_list"] as Node[];
    const isRename = (item: Node) => item["class"] === "COLUMN_REF";
    const made = new Set(
      items.filter((item) => !isRename(item) && item["alias"] !== "").map((item) => String(item["alias"])),
    );
    const others = nodes.filter((node) => Array.isArray(node["select_list"]) && node !== select);
    const listed = others.flatMap((node) => node["select_list"] as Node[]);
    const named = new Set([
      ...tableColumns,
      ...listed.flatMap((item) => [String(item["alias"]), ...columnNames(item)]),
    ]);
    const used = [...items, select["where_clause"], select["group_expressions"], select["having"]].flatMap(
      (part) =>
        [...nodesOf(part)]
          .filter((node) => node["class"] === "COLUMN_REF")
          .map((node) => node["column_names"] as string[]),
    );
    return used
      .filter((names) => names.length === 1 && made.has(names[0]!) && !named.has(names[0]!))
      .map(([name]) => name!);
  });
}

const columnNames = (item: Node) =>
  item["class"] === "COLUMN_REF" ? [(item["column_names"] as string[]).at(-1)!] : [];

describe("the check for names used too early", () => {
  test.each([
    ["select 1 as a, a + 1 as b", ["a"]],
    ["select x * 2 as a from facts.orders where a > 1", ["a"]],
    ["select count(*) as n from facts.orders having n > 1", ["n"]],
    ["select abs(amount) as amount from facts.orders where amount > 1", []],
    ["with t as (select x as a from facts.orders) select a + 1 as a, a * 2 as b from t", []],
    ["select x as a, x + 1 as b from facts.orders", []],
  ])("%s", async (select, expected) => {
    expect(lateralAliases((await parseTree(select)).statements, ["x", "amount"])).toEqual(expected);
  });
});

describe("on empty relations", () => {
  let warehouse: Engine;
  let context: AnalyzeContext;

  /** Orders of a few customers, so that the analyses leave the relations they make themselves; then every row goes. */
  beforeAll(async () => {
    warehouse = await ENGINES[0]!.open();
    const analyses = { rfm: {}, segments: {}, value: {}, churn: {}, baskets: {} };
    const plan = barePlan({ name: "empty", directory: "", files: {} }, { asOfDate: "2025-12-31", analyses });
    for (const entity of ENTITY_NAMES) await warehouse.create(`staged.${entity}`, emptyEntitySql(entity));
    await warehouse.create("staged.empty_orders", "select * from staged.orders");
    await warehouse.create("staged.orders", ORDERS_SELECT);
    await settle(warehouse, plan, undefined);
    context = {
      engine: warehouse,
      log: openLog({ begin: () => {}, end: () => {}, warn: () => {} }),
      run: { ...plan.run, previousDate: null },
      relations: RELATIONS,
      texts: textsIn("en"),
    };
    await unify(context);
    await buildFor(chosenAnalyses(plan.analyses), context, true);
    await analyze(chosenAnalyses(plan.analyses), plan.analyses, context);
    await warehouse.create("staged.orders", "select * from staged.empty_orders");
    const made = await rowsOf(
      warehouse,
      "select table_schema || '.' || table_name as name from information_schema.tables where table_schema = 'results' and table_type = 'BASE TABLE'",
    );
    for (const { name } of made)
      await warehouse.create(name as `results.${string}`, `select * from ${String(name)} where 1 = 0`);
  });
  afterAll(() => warehouse.close());

  const ORDERS_SELECT = `select cast(1 as smallint) as file_id, 'file' as source, columns.* exclude (file_id, source) replace (
      'o' || range as order_key, 'c' || (range % 20) as customer_key,
      date '2025-12-31' - cast(range * 5 as integer) as order_date, cast(100 + range as decimal(18, 4)) as order_amount)
    from range(60) left join staged.empty_orders as columns on 1 = 0`;

  test("every relation binds, in the order of the run, with the columns its header names", async () => {
    await unify(context);
    for (const relation of inOrder(
      RELATIONS,
      RELATIONS.map(({ name }) => name),
    )) {
      await buildRelation(context, relation);
      for await (const batch of warehouse.read(`select * from ${relation.name} where 1 = 0`)) {
        const columns = batch.schema.fields.map(({ name }) => name);
        expect({
          relation: relation.name,
          grain: relation.grain.filter((name) => !columns.includes(name)),
        }).toEqual({
          relation: relation.name,
          grain: [],
        });
        const noted = Object.keys(relation.columns).filter((name) => !columns.includes(name));
        expect({ relation: relation.name, noted }).toEqual({ relation: relation.name, noted: [] });
        expect(new Set(columns).size).toBe(columns.length);
      }
    }
  });

  test.each(RELATIONS)("$name uses no column before it is named", async ({ select, reads }) => {
    const columns: string[] = [];
    for (const read of reads)
      for await (const batch of warehouse.read(`select * from ${read} where 1 = 0`))
        columns.push(...batch.schema.fields.map(({ name }) => name));
    expect(lateralAliases((await parseTree(select)).statements, columns)).toEqual([]);
  });

  /** Relations that say something even where there is nothing: the highest id ever given, the day to score. */
  const MARKERS: Readonly<Record<string, number>> = {
    "unified.identities": 1,
    "features.value_snapshots": 1,
  };

  test("no relation makes rows of nothing", async () => {
    for (const { name } of RELATIONS) {
      const [row] = await rowsOf(warehouse, `select count(*) as n from ${name}`);
      expect({ name, rows: row!["n"] }).toEqual({ name, rows: MARKERS[name] ?? 0 });
    }
  });
});
