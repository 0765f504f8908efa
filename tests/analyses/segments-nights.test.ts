import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seeded } from "../../src/random.js";
import type { Exports } from "./churn-warehouse.js";
import { firmPlan } from "./churn-firms.js";
import { runPlan, type Ran, type Row } from "./run-plan.js";

const temporary = mkdtempSync(join(tmpdir(), "crm-analyze-segments-nights-"));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Kinds of customers: days between orders, and money an order. */
const KINDS = { often: [9, 12], rarely: [70, 150], dearly: [30, 4000] } as const;
type Kind = keyof typeof KINDS;
const END = Date.parse("2025-12-01");
const dayText = (time: number) => new Date(time).toISOString().slice(0, 10);

const CITIES = { often: "Ulm", rarely: "Bonn", dearly: "Köln" };

/** Forty customers of each kind, with a year of orders that hardly vary. */
function firm(kinds: readonly Kind[], cities: Readonly<Record<Kind, string>>): Exports {
  const random = seeded(7);
  const keys = kinds.flatMap((kind) => Array.from({ length: 40 }, (_, i) => [kind, `${kind} ${i}`] as const));
  const orders = keys.flatMap(([kind, key]) => {
    const [gap, money] = KINDS[kind];
    const first = Math.floor(gap * random());
    return Array.from({ length: Math.floor((360 - first) / gap) }, (_, i) => ({
      order_key: `${key} ${i}`,
      customer_key: key,
      order_date: dayText(END - (first + i * gap) * 86_400_000),
      order_amount: (money * (0.9 + 0.2 * random())).toFixed(2),
    }));
  });
  const customers = keys.map(([kind, key]) => ({
    customer_key: key,
    customer_name: key,
    city: cities[kind],
  }));
  return { customers, orders };
}

const QUERIES = {
  segments: `select customer_id, segment, segment_name, distance, silhouette from results.segments order by customer_id`,
  kinds: `select substr(customers.customer_name, 1, 5) as kind, min(segment) as least, max(segment) as most
    from results.segments inner join unified.customers as customers on segments.customer_id = customers.customer_id
    group by 1 order by 1`,
};

const FEATURES = ["order_day_count", "average_order_amount"];

/** A night of the firm; what it leaves is there for the next. */
async function night(
  asOfDate: string,
  {
    kinds,
    settings,
    cities = CITIES,
  }: {
    readonly kinds: readonly Kind[];
    readonly settings: Readonly<Record<string, unknown>> | undefined;
    readonly cities?: Readonly<Record<Kind, string>>;
  },
) {
  const folder = join(temporary, asOfDate);
  mkdirSync(folder);
  const analyses = settings === undefined ? { rfm: {} } : { segments: { features: FEATURES, ...settings } };
  const plan = {
    ...firmPlan(folder, firm(kinds, cities), { asOfDate, analyses }),
    output: join(temporary, "out"),
  };
  const queries = settings === undefined ? ({} as typeof QUERIES) : QUERIES;
  return runPlan(plan, queries, { kind: "history" });
}

/** The segment of each kind, which has one alone. */
const idsOf = ({ rows }: Pick<Ran<keyof typeof QUERIES>, "rows">) =>
  Object.fromEntries(
    rows.kinds.map(({ kind, least, most }) => {
      expect(least).toBe(most);
      return [String(kind), Number(least)];
    }),
  );

const ALL = ["often", "rarely", "dearly"] as const;

describe("segments over nights", () => {
  let first: Ran<keyof typeof QUERIES>;
  beforeAll(async () => {
    first = await night("2025-12-01", { kinds: ALL, settings: { k: 3 } });
  }, 60_000);

  test("ids come back after nights without segments, and that of a segment that is gone is not given again", async () => {
    const ids = idsOf(first);
    expect(Object.values(ids).toSorted()).toEqual([1, 2, 3]);
    const [highest] = Object.entries(ids).find(([, id]) => id === 3)!;
    const left = Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== 3));
    const kept = ALL.filter((kind) => !kind.startsWith(highest));
    expect(idsOf(await night("2025-12-02", { kinds: kept, settings: { k: 2 } }))).toEqual(left);
    const none = await night("2025-12-03", { kinds: ALL, settings: { features: ["return_rate"] } });
    expect(none.rows.segments.every(({ segment }) => segment === null)).toBe(true);
    await night("2025-12-04", { kinds: ALL, settings: undefined });
    const again = await night("2025-12-05", { kinds: ALL, settings: { k: 3 } });
    expect(idsOf(again)).toEqual({ ...left, [highest]: 4 });
  }, 60_000);

  test("a segment whose customers moved keeps its id, and the report says that its name changed", async () => {
    const nameOf = ({ rows }: Pick<Ran<keyof typeof QUERIES>, "rows">, id: unknown) =>
      String(rows.segments.find(({ segment }) => segment === id)?.["segment_name"]);
    const before = await night("2025-12-06", { kinds: ALL, settings: { k: 3 } });
    const cities = { ...CITIES, rarely: "Jena" };
    const now = await night("2025-12-07", { kinds: ALL, settings: { k: 3 }, cities });
    expect(idsOf(now)).toEqual(idsOf(before));
    const id = idsOf(now)["rarel"];
    expect([nameOf(before, id), nameOf(now, id)]).toEqual([
      "City Bonn, slow rhythm",
      "City Jena, slow rhythm",
    ]);
    expect(now.report.sections[0]!.notes).toContain(
      `Segment ${id} is now “City Jena, slow rhythm”: what it was called, “City Bonn, slow rhythm”, no longer holds.`,
    );
    expect(now.report.sections[0]!.notes.filter((note) => note.includes("is now"))).toHaveLength(1);
  }, 60_000);

  test.each(["segments.sql", "segments-profile.sql"])(
    "%s, run by a fresh DuckDB in the run's folder, gives every customer",
    (file) => {
      const program = `import { DuckDBInstance } from ${JSON.stringify(import.meta.resolve("@duckdb/node-api"))};
        import { readFileSync } from "node:fs";
        const connection = await (await DuckDBInstance.create(":memory:")).connect();
        const rows = (await connection.runAndReadAll(readFileSync("${file}", "utf8"))).getRowObjectsJson();
        process.stdout.write(JSON.stringify(rows));`;
      const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
        cwd: first.folder!,
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      const rows = JSON.parse(stdout) as Row[];
      const names =
        file === "segments.sql" ? Object.keys(first.rows.segments[0]!) : ["customer_id", "segment"];
      const cells = (row: Row) =>
        names.map((name) => (name === "segment_name" ? row[name] : Number(row[name])));
      expect(rows.map(cells)).toEqual(first.rows.segments.map(cells));
      expect(rows).toHaveLength(120);
    },
  );
});
