import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adjustedRandIndex } from "../../src/models/adjusted-rand.js";
import { preparedPoints, type Preparation } from "../../src/models/cluster-features.js";
import { nearestCentres } from "../../src/models/k-means.js";
import type { Feature } from "../../src/models/training-set.js";
import { readPlan } from "../../src/pipeline.js";
import type { ModelCard } from "../../src/section.js";
import { textsIn } from "../../src/texts/index.js";
import { readTruth } from "../demo/exports.js";
import {
  built,
  byKey,
  customers,
  daysAgo,
  exported,
  named,
  ordersOf,
  type Cells,
  type Exports,
} from "./churn-warehouse.js";
import { rowsOf, runPlan, type Ran, type Row } from "./run-plan.js";

test("features.segments knows recency, frequency, money, tenure and rhythm, and nothing of tomorrow", async () => {
  const engine = await exported({
    customers: customers("twice", "once", "never"),
    orders: [
      ...ordersOf("twice", [daysAgo(400), daysAgo(100), daysAgo(40), daysAgo(-1)], 100),
      ...ordersOf("once", [daysAgo(7)], 30),
      ...ordersOf("never", [daysAgo(-3)], 30),
    ],
  });
  await built(engine, "features.segments");
  const columns =
    "recency_days, order_day_count, order_count_365_days, cast(total_amount as double) as total_amount, tenure_days, mean_gap_days";
  const rows = byKey(await rowsOf(engine, named(columns, "features.segments")));
  await engine.close();
  expect(rows).toEqual({
    twice: {
      recency_days: 40,
      order_day_count: 3,
      order_count_365_days: 2,
      total_amount: 300,
      tenure_days: 400,
      mean_gap_days: 180,
    },
    once: {
      recency_days: 7,
      order_day_count: 1,
      order_count_365_days: 1,
      total_amount: 30,
      tenure_days: 7,
      mean_gap_days: null,
    },
  });
});

test("nothing dated after the as-of date changes a feature or an attribute, of whatever kind it is", async () => {
  const past: Exports = {
    customers: customers("a", "b"),
    orders: [...ordersOf("a", [daysAgo(200), daysAgo(50)], 100), ...ordersOf("b", [daysAgo(20)], 70)],
    invoices: [invoice("i1", daysAgo(50), { order_key: `a ${daysAgo(50)}` })],
    payments: [payment("p1", "i1", daysAgo(30))],
    cases: [{ case_key: "c1", customer_key: "a", opened_at: at(9) }],
    activities: [{ activity_key: "t1", activity_kind: "call", customer_key: "a", activity_at: at(9) }],
    subscriptions: [{ subscription_key: "s1", customer_key: "a", start_date: daysAgo(90), amount: 9 }],
  };
  const later: Exports = {
    orders: [
      ...ordersOf("a", [daysAgo(-1)], 100),
      { ...ordersOf("a", [daysAgo(-2)], -100)[0]!, order_key: "back" },
    ],
    invoices: [invoice("i2", daysAgo(-1))],
    payments: [
      { ...payment("p2", "i1", daysAgo(-1)), payment_kind: "refund" },
      payment("p3", "i1", daysAgo(-2)),
    ],
    cases: [{ case_key: "c2", customer_key: "a", opened_at: at(-1) }],
    activities: [{ activity_key: "t2", activity_kind: "call", customer_key: "a", activity_at: at(-1) }],
    subscriptions: [{ subscription_key: "s2", customer_key: "b", start_date: daysAgo(-1), amount: 9 }],
  };
  const relations = ["features.segments", "features.attributes"] as const;
  const rowsWith = async (extra: Exports) => {
    const entities = Object.keys(past) as (keyof Exports)[];
    const all = entities.map((entity) => [entity, [...past[entity]!, ...(extra[entity] ?? [])]]);
    const engine = await built(await exported(Object.fromEntries(all) as Exports), ...relations);
    const rows = await Promise.all(relations.map((name) => rowsOf(engine, named("counted.*", name))));
    await engine.close();
    return rows;
  };
  const known = await rowsWith({});
  expect(known[0]).toHaveLength(2);
  expect(await rowsWith(later)).toEqual(known);
});

const at = (days: number) => `${daysAgo(days)} 10:00:00`;
const invoice = (key: string, day: string, more: Cells = {}): Cells => ({
  ...{ invoice_key: key, invoice_number: key, customer_key: "a", invoice_date: day, due_date: day },
  ...{ invoice_amount: 100, ...more },
});
const payment = (key: string, of: string, day: string): Cells => ({
  ...{ payment_key: key, customer_key: "a", invoice_key: of, paid_at: `${day} 10:00:00` },
  ...{ payment_amount: 100, payment_kind: "payment" },
});

const TINY = fileURLToPath(new URL("../../fixtures/tiny/tiny.yml", import.meta.url));
const DEMO = fileURLToPath(new URL("../../pipelines/demo.yml", import.meta.url));
const QUERIES = {
  segments: "select * from results.segments order by customer_id",
  features: "select * from features.segments order by customer_id",
  keys: `select lineage.customer_id, lineage.record_key from unified.lineage as lineage
    where lineage.source = 'kingdee' and lineage.record_kind = 'customer' order by 1, 2`,
  movements: "select * from results.segment_movements",
  typical: "select * from results.segment_typical",
  previous: "select distinct segment from run.previous_segments where segment is not null order by segment",
  lineage: "select source, record_kind, record_key, customer_id from unified.lineage",
  looks: "select * from results.look_alikes",
  prospects: "select customer_id from features.attributes where is_prospect",
  members: "select customer_id from results.segment_rules where rule = 'wholesale'",
  factors: "select * from results.segment_factors",
};

interface Card {
  readonly name: string;
  readonly k: number;
  readonly inertia: number;
  readonly segments: readonly {
    readonly segment: number;
    readonly segment_name: string;
    readonly centre: number[];
  }[];
  readonly features: readonly Record<string, unknown>[];
  readonly accuracy: number;
  readonly majority_share: number;
}

interface Trial {
  readonly trial: {
    readonly lift: { readonly estimate: number; readonly low: number; readonly high: number };
  };
}

describe("the demo firm, two nights", () => {
  const output = mkdtempSync(join(tmpdir(), "crm-analyze-test-"));
  let first: Ran<"segments">;
  let ran: Ran<keyof typeof QUERIES>;
  const planAt = (asOfDate: string, segments = {}) =>
    readPlan(DEMO, { asOfDate, only: ["segments"], output, analyses: { segments } });
  beforeAll(async () => {
    const destination = { kind: "history" } as const;
    first = await runPlan(
      planAt("2025-12-24", { k: 4, look_alikes: undefined, factors: [] }),
      { segments: QUERIES.segments },
      destination,
    );
    ran = await runPlan(planAt("2025-12-31"), QUERIES, destination);
  }, 120_000);
  afterAll(() => rmSync(output, { recursive: true, force: true }));
  const cards = () => ran.report.sections[0]!.models as unknown as readonly Card[];

  /** Segments of the truth beside tonight's, for customers whom the ERP knows. */
  function labelled(): { truth: string; segment: number }[] {
    const numberOf = new Map(
      readTruth("identities.csv")
        .filter(({ source }) => source === "kingdee")
        .map((row) => [row["key"], row["customer_no"]]),
    );
    const truthOf = new Map(readTruth("customers.csv").map((row) => [row["customer_no"], row["segment"]!]));
    const segmentOf = new Map(ran.rows.segments.map((row) => [row["customer_id"], Number(row["segment"])]));
    const seen = new Set<unknown>();
    return ran.rows.keys.flatMap(({ customer_id: id, record_key: key }) => {
      if (seen.has(id) || !segmentOf.has(id!)) return [];
      seen.add(id);
      return [{ truth: truthOf.get(numberOf.get(String(key)))!, segment: segmentOf.get(id!)! }];
    });
  }

  test("wholesalers are a segment of their own (adjusted Rand from .9): larger, more regular orders than anyone's", () => {
    const known = labelled();
    expect(known.length).toBeGreaterThan(1500);
    const isWholesale = known.map(({ truth }) => truth === "clockwork_wholesaler");
    const counts = new Map<number, number>();
    known.forEach(({ segment }, i) => isWholesale[i] && counts.set(segment, (counts.get(segment) ?? 0) + 1));
    const [theirs] = [...counts].toSorted((a, b) => b[1] - a[1])[0]!;
    const found = known.map(({ segment }) => String(segment === theirs));
    expect(adjustedRandIndex(found, isWholesale.map(String))).toBeGreaterThanOrEqual(0.9);
  });

  test("wholesalers, one-time buyers and seasonal gifters are told apart (adjusted Rand from .9)", () => {
    // The other kinds overlap by their making: offices, households and fading accounts share ranges of order size and
    // rhythm, and what parts them best, a firm or a person, is not behaviour.
    const separable = ["clockwork_wholesaler", "one_time_buyer", "seasonal_gifter"];
    const known = labelled().filter(({ truth }) => separable.includes(truth));
    expect(known.length).toBeGreaterThan(700);
    const index = adjustedRandIndex(
      known.map(({ segment }) => segment),
      known.map(({ truth }) => truth),
    );
    expect(index).toBeGreaterThanOrEqual(0.9);
  });

  test("the engine assigns every customer as TypeScript does", () => {
    const [card] = cards();
    const preparation: Preparation = { features: card!.features.map(preparedOf), dropped: [], unrelated: [] };
    const features = preparation.features.map(({ name }): Feature => ({
      kind: "number",
      name,
      values: Float64Array.from(ran.rows.features, (row) => (row[name] === null ? NaN : Number(row[name]))),
    }));
    const points = preparedPoints(preparation, features, ran.rows.features.length);
    const centres = Float64Array.from(card!.segments.flatMap(({ centre }) => centre));
    const { labels, distances } = nearestCentres(points, centres);
    const ids = card!.segments.map(({ segment }) => segment);
    expect(ran.rows.segments.map(({ segment }) => segment)).toEqual(
      Array.from(labels, (label) => ids[label]),
    );
    ran.rows.segments.forEach(({ distance }, row) =>
      expect(distance).toBeCloseTo(Math.sqrt(distances[row]!), 9),
    );
  });

  /** A feature of the card as the model has it; the demo firm's own are numbers. */
  function preparedOf(fields: Record<string, unknown>): Preparation["features"][number] {
    const titles = Object.entries(textsIn("en").segments.features);
    const number = (name: string) => fields[name] as number;
    return {
      kind: "number",
      name: titles.find(([, title]) => title === fields["feature"])![0],
      fill: number("missing_taken_as"),
      missingShare: number("missing_share"),
      unit: fields["logarithm_unit"] as number | null,
      skewness: number("skewness"),
      centre: number("centre"),
      spread: number("spread"),
      limit: fields["limit"] as number | null,
      weight: number("weight"),
    };
  }

  test("a week later most segments keep ids and names, and every customer is accounted for between the nights", () => {
    const namesOf = (rows: readonly Row[]) =>
      new Map(rows.map((row) => [Number(row["segment"]), String(row["segment_name"])]));
    const [before, now] = [namesOf(first.rows.segments), namesOf(ran.rows.segments)];
    const kept = [...now].filter(([id]) => before.has(id));
    expect(kept.length).toBeGreaterThanOrEqual(Math.ceil(now.size / 2));
    for (const [id, name] of kept) expect(name).toBe(before.get(id));
    for (const [id] of now) if (!before.has(id)) expect(id).toBeGreaterThan(Math.max(...before.keys()));
    const sum = (isSo: (row: Row) => boolean) =>
      ran.rows.movements.filter(isSo).reduce((total, row) => total + Number(row["customer_count"]), 0);
    expect(sum((row) => row["segment"] !== 0)).toBe(ran.rows.segments.length);
    expect(sum((row) => row["previous_segment"] !== 0)).toBe(first.rows.segments.length);
    expect(ran.rows.previous.map(({ segment }) => segment)).toEqual(
      [...before.keys()].toSorted((a, b) => a - b),
    );
  });

  test("five typical customers a segment, the nearest first, persons masked", () => {
    for (const { segment } of cards()[0]!.segments) {
      const own = ran.rows.typical.filter((row) => row["segment"] === segment);
      expect(own).toHaveLength(5);
      const nearest = ran.rows.segments
        .filter((row) => row["segment"] === segment)
        .map((row) => Number(row["distance"]))
        .toSorted((a, b) => a - b);
      expect(own.map((row) => row["distance"])).toEqual(nearest.slice(0, 5));
    }
    expect(ran.rows.typical.some(({ customer_name: name }) => String(name).includes("***"))).toBe(true);
  });

  test("a tree of at most 12 leaves tells the segments far better than the largest alone would", () => {
    const [, tree] = cards();
    expect(tree!.accuracy).toBeGreaterThan(2 * tree!.majority_share);
    const section = ran.report.sections[0]!;
    const leaves = section.tables.find(({ name }) => name === "leaves")!;
    expect(leaves.rows.numRows).toBeLessThanOrEqual(12);
    const documents = new Map(section.documents!.map(({ name, text }) => [name as string, text]));
    expect([...documents.keys()]).toEqual(["segments.sql", "segments-profile.svg", "segments-profile.sql"]);
    expect(documents.get("segments-profile.svg")).toContain("<svg");
    const folder = join(output, "2025-12-31");
    expect(readFileSync(join(folder, "segments.sql"), "utf8")).toBe(documents.get("segments.sql"));
  });

  test("every segment has a name of its own", () => {
    const names = cards()[0]!.segments.map(({ segment_name: name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.some((name) => name.includes("Big spenders"))).toBe(true);
  });

  /** What each customer of ours would be, or is, by how the firm was made. */
  function plantedLooks(): (row: Row) => string | undefined {
    const kinds: Readonly<Record<string, string>> = { customers: "customer", contacts: "contact" };
    const numberOf = new Map(
      readTruth("identities.csv").map(
        ({ source, kind, key, customer_no: no }) =>
          [`${source} ${kinds[kind!] ?? kind} ${key}`, no!] as const,
      ),
    );
    const ours = new Map(
      ran.rows.lineage.map((row) => [
        row["customer_id"],
        numberOf.get(`${row["source"]} ${row["record_kind"]} ${row["record_key"]}`),
      ]),
    );
    const likeness = new Map([
      ...readTruth("customers.csv").map((row) => [row["customer_no"]!, row["segment"]!] as const),
      ...readTruth("prospects.csv").map((row) => [row["customer_no"]!, row["likeness"]!] as const),
    ]);
    return (row) => likeness.get(ours.get(row["customer_id"]!) ?? "");
  }

  describe("the look-alikes of wholesale buyers", () => {
    const WHOLESALER = "clockwork_wholesaler";
    let planted: (row: Row) => string | undefined;
    beforeAll(() => {
      planted = plantedLooks();
    });
    const shareOf = (rows: readonly Row[]) =>
      rows.filter((row) => planted(row) === WHOLESALER).length / rows.length;
    const card = () =>
      ran.report.sections.flatMap(({ models }) => models ?? []).find(({ name }) => name === "look-alikes") as
        (ModelCard & Trial) | undefined;

    test("the rule finds wholesalers, and nearly nobody else", () => {
      expect(ran.rows.members.length).toBeGreaterThan(50);
      expect(shareOf(ran.rows.members)).toBeGreaterThan(0.95);
    });

    test("there are the planted prospects, each of them once", () => {
      expect(ran.rows.prospects).toHaveLength(readTruth("prospects.csv").length);
      expect(new Set(ran.rows.looks.map((row) => row["customer_id"])).size).toBe(ran.rows.looks.length);
      expect(ran.rows.prospects.map(planted)).not.toContain(undefined);
    });

    test("the list finds planted prospects with the lift that was measured on customers, within its interval", () => {
      const lift = shareOf(ran.rows.looks) / shareOf(ran.rows.prospects);
      const { low, high } = card()!.trial.lift;
      expect(low).toBeGreaterThan(1);
      expect(lift).toBeGreaterThan(low);
      expect(lift).toBeLessThan(high);
      const found = ran.rows.looks.filter((row) => planted(row) === WHOLESALER);
      const all = ran.rows.prospects.filter((row) => planted(row) === WHOLESALER);
      expect(found.length / all.length).toBeGreaterThan(0.7);
    });

    test("every row says why, and whom to ask", () => {
      for (const row of ran.rows.looks) {
        expect(row["reason_1"]).toMatch(/employees|industry|source/);
        expect(row["suggested_action"]).toMatch(/\S/);
        expect(Number(row["likeness_probability"])).toBeGreaterThan(0.05);
      }
      const isReachable = (row: (typeof ran.rows.looks)[number]) => row["permitted_channels"] !== "";
      const [reachable, others] = [
        ran.rows.looks.filter(isReachable),
        ran.rows.looks.filter((row) => !isReachable(row)),
      ];
      expect([reachable.length > 0, others.length > 0]).toEqual([true, true]);
      for (const row of reachable) expect(row["suggested_action"]).not.toContain("Ask for permission");
      for (const row of others) {
        expect(row["suggested_action"]).toContain("Ask for permission first");
        expect([row["email_address"], row["phone_number"], row["sms_number"]]).toEqual([null, null, null]);
      }
      expect(ran.rows.looks.map((row) => row["likeness_rank"])).toEqual(ran.rows.looks.map((_, i) => i + 1));
    });
  });

  test("a buyer's factors: those who buy machines have the planted looks of offices or wholesalers", () => {
    const sure = ran.rows.factors.filter((row) => Number(row["false_discovery_rate"] ?? 1) <= 0.05);
    expect(sure.length).toBeGreaterThan(0);
    expect(sure.map((row) => row["attribute"])).toContain("employee_count");
  });

  test("what is left out says why: no other analysis ran", () => {
    const notes = ran.report.sections.flatMap(({ notes: own }) => own);
    expect(
      notes.filter((note) => /rfm did not run|value, which did not run/.test(note)).length,
    ).toBeGreaterThan(1);
    expect(notes.join()).not.toContain("undefined");
  });
});

test("segments are asked of nobody, and of features that are not there: both are said", async () => {
  const planOf = (settings: object) => {
    const { segments } = readPlan(DEMO, { only: ["segments"] }).analyses;
    return { ...readPlan(TINY, {}), analyses: { segments: { ...(segments as object), ...settings } } };
  };
  const early = { ...planOf({}), run: { ...planOf({}).run, asOfDate: "2001-01-01" } };
  await expect(runPlan(early, {})).rejects.toThrow("nobody had bought anything by 2001-01-01");
  await expect(runPlan(planOf({ features: ["shoe_size"] }), {})).rejects.toThrow("unknown feature shoe_size");
}, 120_000);
