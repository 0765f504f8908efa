import type { AnalysisContext } from "../analysis.js";
import { categoryFeature, featureAt, type Feature } from "../models/training-set.js";
import type { RelationName } from "../relation.js";
import type { Format } from "../section.js";
import { numbers, texts, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";

/** A column that customers may be alike by, or be described by. */
export interface SegmentFeature {
  readonly name: string;
  readonly kind: "number" | "category";
  readonly format: Format;
  /** What people call it. */
  readonly label: string;
}

/** The rows that segments are found in. */
export interface SegmentSource {
  readonly relation: RelationName;
  /** What tells rows apart and draws the sample, whatever the order of the rows. */
  readonly drawnBy: string;
  readonly features: readonly SegmentFeature[];
  /** Features that customers are to be alike by; the others only describe. */
  readonly asked: readonly string[];
  /** related: by what they have to do with each other; alike, as where people have named them. */
  readonly weigh: "related" | "alike";
  readonly rowCount: number;
}

/** All that finding segments needs of a context. */
export type StudyContext = Pick<
  AnalysisContext<RelationName>,
  "pace" | "table" | "measure" | "score" | "write" | "texts" | "run"
>;

const number = (name: keyof Texts["segments"]["features"], format: Format) =>
  ({ name, kind: "number", format }) as const;
const word = (name: keyof Texts["segments"]["features"]) =>
  ({ name, kind: "category", format: "text" }) as const;

/** The columns of `features.segments`, in the order in which the later of two that say the same is dropped. */
const COLUMNS = [
  number("recency_days", "integer"),
  number("order_day_count", "integer"),
  number("total_amount", "money"),
  number("average_order_amount", "money"),
  number("tenure_days", "integer"),
  number("mean_gap_days", "decimal"),
  number("gap_variation", "decimal"),
  number("category_count", "integer"),
  number("main_category_rate", "percent"),
  number("discount_rate", "percent"),
  number("return_rate", "percent"),
  number("contact_count_365_days", "integer"),
  number("case_count_365_days", "integer"),
  number("payment_late_days", "decimal"),
  number("monthly_amount", "money"),
  word("channel"),
  number("channel_rate", "percent"),
  number("contribution_amount", "money"),
  number("order_count_365_days", "integer"),
  number("order_amount_365_days", "money"),
  number("product_count", "integer"),
  number("subscription_count", "integer"),
  word("main_category"),
  word("customer_kind"),
  word("country"),
  word("city"),
  word("industry"),
  number("employee_count", "integer"),
  word("acquisition_source"),
] as const;

/** What auto takes: how customers buy, not who they are; that describes them. */
export const AUTO_FEATURES: readonly string[] = [
  "recency_days",
  "order_day_count",
  "total_amount",
  "average_order_amount",
  "tenure_days",
  "mean_gap_days",
  "gap_variation",
  "category_count",
  "main_category_rate",
  "discount_rate",
  "return_rate",
  "contact_count_365_days",
  "case_count_365_days",
  "payment_late_days",
  "monthly_amount",
];

/** Names of the features of a pipeline. */
export const SEGMENT_COLUMNS: readonly string[] = COLUMNS.map(({ name }) => name);
/** The features of a pipeline in the words of a language. */
export const segmentFeatures = ({ segments }: Texts): SegmentFeature[] =>
  COLUMNS.map((column) => ({ ...column, label: segments.features[column.name] }));

/** A column of any table, called as its heading says. */
export const segmentFeatureOf = (name: string, hasWords: boolean, label: string): SegmentFeature =>
  hasWords
    ? { name, kind: "category", format: "text", label }
    : { name, kind: "number", format: "decimal", label };

/** Rows drawn by hash, about so many, in an order that comes from what draws them. */
export async function readSample(
  context: StudyContext,
  source: SegmentSource,
  most: number,
): Promise<{ features: Feature[]; count: number }> {
  const places = Math.min(1000, Math.max(1, Math.ceil((1000 * most) / source.rowCount)));
  const condition = places === 1000 ? "1 = 1" : `place_by_hash(${source.drawnBy}) < ${places}`;
  const names = source.features.map(({ name }) => name);
  const table = await context.table(source.relation, [source.drawnBy, ...names], condition);
  const order = orderBy(table, source.drawnBy);
  return {
    count: order.length,
    features: source.features.map((feature) => featureOf(table, feature, order)),
  };
}

function orderBy(table: Table, name: string): Int32Array {
  const vector = table.getChild(name)!;
  const keys = Array.from({ length: table.numRows }, (_, row) => vector.get(row) as number | string);
  return Int32Array.from(keys.keys()).sort((a, b) =>
    keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b,
  );
}

function featureOf(table: Table, { name, kind }: SegmentFeature, order: Int32Array): Feature {
  const feature: Feature =
    kind === "number"
      ? { kind, name, values: numbers(table, name) }
      : categoryFeature(name, texts(table, name));
  return featureAt(feature, order);
}
