/** What must not compile: `tsc -p tsconfig.check.json` fails when one of these lines has no error. */
import { z } from "zod";
import { defineAnalysis, type AnalysisContext, type Setting } from "../src/analysis.js";
import type { EntityName } from "../src/entities.js";
import { CrmError } from "../src/errors.js";
import type { Chart, Format } from "../src/section.js";
import type { RelationName } from "../src/relation.js";

type Context = AnalysisContext<"features.rfm" | "facts.orders">;

/** An analysis asks for what it declared, and for its own results. */
export async function readsOnlyWhatItDeclared(context: Context): Promise<void> {
  await context.table("features.rfm", ["customer_id"]);
  await context.table("results.rfm");
  await context.measure("facts.orders", { order_count: "count(*)" });
  // @ts-expect-error facts.rates was not declared
  await context.table("facts.rates");
  // @ts-expect-error staged relations were not declared
  await context.measure("staged.orders", { order_count: "count(*)" });
  // @ts-expect-error nor may a score come from what was not declared
  await context.score("x", { from: "unified.customers", grain: ["customer_id"], columns: {} });
}

/** The engine is out of an analysis's reach. */
export function hasNoEngine(context: Context): unknown {
  // @ts-expect-error an analysis has no engine
  return context.engine;
}

/** A relation has a layer that exists. */
export const NAMES: readonly RelationName[] = [
  "facts.orders",
  // @ts-expect-error there is no layer of that name
  "marts.orders",
  // @ts-expect-error a relation has a layer
  "orders",
];

/** An entity is one of the list. */
export const ENTITY_NAMES_OF_OURS: readonly EntityName[] = [
  "orders",
  // @ts-expect-error there is no such entity
  "robots",
];

/** Settings are plain values. */
export const SETTINGS: readonly Setting[] = [
  1,
  "x",
  true,
  null,
  // @ts-expect-error a setting is one value
  ["x"],
  // @ts-expect-error a day is its text
  new Date(0),
];

/** Formats and charts are closed sets. */
export const FORMATS: readonly Format[] = [
  "money",
  // @ts-expect-error there is no such format
  "euro",
];
// @ts-expect-error there is no such chart
export const KIND: Chart["kind"] = "pie";

/** An error says whose turn it is. */
export const ERROR = new CrmError("data", "file: what is wrong");
// @ts-expect-error there is no such kind
export const OTHER_ERROR = new CrmError("weather", "file: what is wrong");

/** An analysis that reads what it did not declare does not compile, wherever it is defined. */
export const CURIOUS = defineAnalysis({
  name: "curious",
  question: "?",
  config: z.strictObject({}),
  reads: ["features.rfm"],
  settings: () => ({}),
  published: () => [],
  lists: () => [],
  needs: [],
  run: async (context) => {
    // @ts-expect-error facts.orders was not declared
    await context.table("facts.orders");
    throw new CrmError("data", "x");
  },
});
