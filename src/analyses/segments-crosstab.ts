import type { AnalysisContext, Scoring } from "../analysis.js";
import { associationOf, type Association } from "../models/association.js";
import { phrase } from "../phrase.js";
import { column, shown, type SectionPart } from "../section-part.js";
import type { Chart, ShownTable } from "../section.js";
import { quoteName } from "../sql.js";
import { numbers, tableOf, texts as textsOf, type Table } from "../table.js";
import { NO_RULE, type RulesConfig, type Segmentation } from "./segments-rules-config.js";

/** What laying segmentations across each other reads. */
export const CROSSTAB_READS = ["features.attributes", "features.segments"] as const;
type CrosstabContext = AnalysisContext<(typeof CROSSTAB_READS)[number]>;

/** Where a segmentation is found, and what its segments are called, in their order. */
interface Source {
  readonly from: Scoring<(typeof CROSSTAB_READS)[number]>["from"];
  readonly segment: string;
  /** Who is counted without having bought. */
  readonly beside?: string;
  /** Known segments in their order; others follow, those with most customers first. */
  readonly labels: ReadonlyMap<string, string>;
}

/** The analysis that a segmentation rests on. */
const NEEDS: Readonly<Partial<Record<Segmentation, string>>> = {
  rfm: "rfm",
  status: "rfm",
  monetary: "rfm",
  tier: "value",
  churn: "churn",
};

/** Relationship status across value, and whatever else is set to be laid across each other. */
export async function crosstabPart(context: CrosstabContext, config: RulesConfig): Promise<SectionPart> {
  const value =
    config.matrix_value === "tier" && !context.ran.has("value") ? "monetary" : config.matrix_value;
  const pairs: (readonly [Segmentation, Segmentation])[] = [["status", value], ...config.crosstabs];
  const found: Crosstab[] = [];
  const notes: string[] = [];
  for (const [left, right] of pairs) {
    const crosstab = await crossed(context, config, [left, right]);
    if (typeof crosstab === "string") notes.push(crosstab);
    else found.push(crosstab);
  }
  return {
    answer: "",
    headlines: [],
    charts: found.flatMap((crosstab, place) => chartOf(context, crosstab, place === 0)),
    tables: found.map((crosstab, place) => tableOfCrosstab(context, crosstab, place)),
    notes,
  };
}

interface Cell {
  readonly left: string;
  readonly right: string;
  readonly count: number;
  readonly amount: number;
}

interface Crosstab {
  readonly left: Side;
  readonly right: Side;
  readonly cells: readonly Cell[];
  readonly association: Association;
}

/** One of the two segmentations: what it is called, and its segments in their order. */
interface Side {
  readonly title: string;
  readonly segments: readonly string[];
  readonly labelOf: (segment: string) => string;
}

/** @returns why it is left out, where it is */
async function crossed(
  context: CrosstabContext,
  config: RulesConfig,
  pair: readonly [Segmentation, Segmentation],
): Promise<Crosstab | string> {
  const words = context.texts.lookAlikes.crosstab;
  const [left, right] = pair.map((name) => words.names[name]) as [string, string];
  const missing = pair
    .map((name) => NEEDS[name])
    .find((name) => name !== undefined && !context.ran.has(name));
  if (missing !== undefined)
    return phrase(words.notRun, { pair: phrase(words.pair, { left, right }), analysis: missing });
  const sources = [
    await sourceOf(context, config, pair[0]),
    await sourceOf(context, config, pair[1]),
  ] as const;
  for (const [place, side] of (["left", "right"] as const).entries())
    await scoreSide(context, sources[place]!, `segment_crosstab_${side}`);
  await context.build("segment_crosstab");
  const cells = cellsOf(await context.table("results.segment_crosstab"));
  const sides = (["left", "right"] as const).map((side, place) =>
    sideOf(context, cells, { side, title: words.names[pair[place]!], labels: sources[place]!.labels }),
  ) as [Side, Side];
  const empty = sides.find(({ segments }) => segments.every((segment) => segment === ""));
  if (empty !== undefined)
    return phrase(words.empty, { pair: phrase(words.pair, { left, right }), segmentation: empty.title });
  const pooled = pooledCells(cells, sides);
  return { left: sides[0], right: sides[1], cells: pooled, association: strengthOf(pooled, sides) };
}

async function scoreSide(context: CrosstabContext, source: Source, name: string): Promise<void> {
  await context.score(name, {
    from: source.from,
    grain: ["customer_id"],
    columns: { segment: source.segment, is_beside: source.beside ?? "1 = 0" },
  });
}

async function sourceOf(context: CrosstabContext, config: RulesConfig, name: Segmentation): Promise<Source> {
  const { lookAlikes, churn } = context.texts;
  switch (name) {
    case "cluster":
      return { from: "results.segments", segment: "segment_name", labels: new Map() };
    case "rule":
      return { from: "results.segment_rules", segment: "rule", labels: ruleLabels(context, config) };
    case "rfm":
      return { from: "results.rfm", segment: "segment", labels: await rfmLabels(context) };
    case "status":
      await context.build("segment_statuses");
      return {
        from: "results.segment_statuses",
        segment: "relationship_status",
        beside: "relationship_status = 'prospect'",
        labels: new Map(Object.entries(lookAlikes.crosstab.statuses)),
      };
    case "tier":
      return { from: "results.value_tiers", segment: "tier", labels: same("A", "B", "C", "D") };
    case "monetary":
      return { from: "results.rfm", segment: "to_key(monetary_score)", labels: scoreLabels() };
    case "churn": {
      const { states, bands } = churn.forecast;
      return {
        from: "results.churn",
        segment: "coalesce(risk_band, state)",
        labels: new Map(Object.entries({ ...bands, ...states })),
      };
    }
    default:
      return { from: "features.attributes", segment: quoteName(name), labels: new Map() };
  }
}

function ruleLabels({ texts, run }: CrosstabContext, { rules }: RulesConfig): Map<string, string> {
  const labels = Object.entries(rules).map(([rule, { label }]) => [rule, label[run.language]] as const);
  return new Map([...labels, [NO_RULE, texts.lookAlikes.rules.other]]);
}

const same = (...names: readonly string[]) => new Map(names.map((name) => [name, name]));
/** Scores go up to ten, the best first. */
const scoreLabels = () => same(...Array.from({ length: 10 }, (_, place) => String(10 - place)));

async function rfmLabels(context: CrosstabContext): Promise<Map<string, string>> {
  const rows = await context.table("results.rfm_labels");
  const labels = textsOf(rows, "segment_label");
  return new Map(textsOf(rows, "segment").map((name, row) => [name!, labels[row]!]));
}

function cellsOf(rows: Table): Cell[] {
  const [lefts, rights] = [textsOf(rows, "left_segment"), textsOf(rows, "right_segment")];
  const [counts, amounts] = [numbers(rows, "customer_count"), numbers(rows, "total_amount")];
  return lefts.map((left, row) => ({
    left: left!,
    right: rights[row]!,
    count: counts[row]!,
    amount: amounts[row]!,
  }));
}

/** Segments that are shown; those with fewer customers go together. */
const MOST_SEGMENTS = 12;
/** Stands for all segments that go together: no segment is called so. */
const POOLED = "\u0000others";

interface Titled {
  readonly side: "left" | "right";
  readonly title: string;
  readonly labels: ReadonlyMap<string, string>;
}

function sideOf({ texts }: CrosstabContext, cells: readonly Cell[], { side, title, labels }: Titled): Side {
  const counts = new Map<string, number>();
  for (const cell of cells) counts.set(cell[side], (counts.get(cell[side]) ?? 0) + cell.count);
  const known = [...labels.keys()].filter((segment) => counts.has(segment));
  const others = [...counts.keys()]
    .filter((segment) => segment !== "" && !labels.has(segment))
    .toSorted((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1));
  const named = [...known, ...others];
  const isPooled = named.length > MOST_SEGMENTS;
  const { none, others: pooledName } = texts.lookAlikes.crosstab;
  return {
    title,
    segments: [
      ...(isPooled ? [...named.slice(0, MOST_SEGMENTS - 1), POOLED] : named),
      ...(counts.has("") ? [""] : []),
    ],
    labelOf: (segment) =>
      segment === "" ? none : segment === POOLED ? pooledName : (labels.get(segment) ?? segment),
  };
}

const byNames = (a: Cell, b: Cell) => {
  const [left, right] = [a, b].map((cell) => JSON.stringify([cell.left, cell.right]));
  return left! < right! ? -1 : 1;
};

/** Cells of the segments shown; amounts are added in the order of names, as rows come in any. */
function pooledCells(cells: readonly Cell[], [left, right]: readonly [Side, Side]): Cell[] {
  const placed = ({ segments }: Side, segment: string) => (segments.includes(segment) ? segment : POOLED);
  const sums = new Map<string, Cell>();
  for (const cell of cells.toSorted(byNames)) {
    const [row, own] = [placed(left, cell.left), placed(right, cell.right)];
    const key = JSON.stringify([row, own]);
    const { count, amount } = sums.get(key) ?? { count: 0, amount: 0 };
    sums.set(key, { left: row, right: own, count: count + cell.count, amount: amount + cell.amount });
  }
  const placeOf = (cell: Cell) =>
    left.segments.indexOf(cell.left) * 1000 + right.segments.indexOf(cell.right);
  return [...sums.values()].toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Among the customers of whom both say something. */
function strengthOf(cells: readonly Cell[], [left, right]: readonly [Side, Side]): Association {
  const [rows, columns] = [left, right].map(({ segments }) => segments.filter((segment) => segment !== ""));
  return associationOf(
    rows!.map((row) =>
      columns!.map((own) => cells.find((cell) => cell.left === row && cell.right === own)?.count ?? 0),
    ),
  );
}

function captionOf({ texts, run }: CrosstabContext, { association }: Crosstab): string {
  const words = texts.lookAlikes.crosstab;
  const { strength, pValue, count } = association;
  if (Number.isNaN(strength.estimate)) return words.captionUnknown;
  const [estimate, low, high] = [strength.estimate, strength.low, strength.high].map((value) =>
    shown(run, value, "decimal"),
  );
  return phrase(words.caption, {
    strength: estimate!,
    low: low!,
    high: high!,
    count: shown(run, count, "integer"),
    p: pText(pValue),
  });
}

/** A p-value as it is told: three digits, and none that pretend to more. */
export const pText = (pValue: number): string => (pValue < 0.001 ? "< 0.001" : `= ${pValue.toFixed(3)}`);

const titleOf = ({ texts }: CrosstabContext, { left, right }: Crosstab) =>
  phrase(texts.lookAlikes.crosstab.pair, { left: left.title, right: right.title });

/** Cells of a map that still can be read. */
const WIDEST_MAP = 6;

/** The first of them as a map, and others that are as narrow. */
function chartOf(context: CrosstabContext, crosstab: Crosstab, isFirst: boolean): Chart[] {
  const { left, right } = crosstab;
  if (!isFirst || right.segments.length > WIDEST_MAP) return [];
  const words = context.texts.lookAlikes.crosstab;
  return [
    {
      kind: "heat-map",
      title: titleOf(context, crosstab),
      caption: captionOf(context, crosstab),
      rows: cellRows(crosstab, everyCell(crosstab)),
      x: column("right", right.title, "text"),
      y: column("left", left.title, "text"),
      value: column("customer_count", words.customers, "integer"),
      detail: column("total_amount", words.amount, "money"),
    },
  ];
}

/** Every pair, in the order of a map, which begins at its foot; without a number where nobody is. */
function everyCell({ left, right, cells }: Crosstab): Cell[] {
  return left.segments.toReversed().flatMap((row) =>
    right.segments.map(
      (own) =>
        cells.find((cell) => cell.left === row && cell.right === own) ?? {
          left: row,
          right: own,
          count: NaN,
          amount: NaN,
        },
    ),
  );
}

function tableOfCrosstab(context: CrosstabContext, crosstab: Crosstab, place: number): ShownTable {
  const words = context.texts.lookAlikes.crosstab;
  const { left, right, cells } = crosstab;
  return {
    name: `crosstab-${place + 1}`,
    title: titleOf(context, crosstab),
    caption: captionOf(context, crosstab),
    isDetail: place > 0,
    rows: cellRows(crosstab, cells),
    columns: [
      column("left", left.title, "text"),
      column("right", right.title, "text"),
      column("customer_count", words.customers, "integer"),
      column("left_share", phrase(words.leftShare, { left: left.title }), "percent"),
      column("right_share", phrase(words.rightShare, { right: right.title }), "percent"),
      column("total_amount", words.amount, "money"),
    ],
  };
}

function cellRows({ left, right }: Crosstab, cells: readonly Cell[]): Table {
  const share = (side: "left" | "right") => (cell: Cell) => {
    const whole = cells.filter((other) => other[side] === cell[side]);
    return cell.count / whole.reduce((sum, { count }) => sum + count, 0);
  };
  return tableOf({
    left: cells.map((cell) => left.labelOf(cell.left)),
    right: cells.map((cell) => right.labelOf(cell.right)),
    customer_count: Float64Array.from(cells, ({ count }) => count),
    left_share: Float64Array.from(cells, share("left")),
    right_share: Float64Array.from(cells, share("right")),
    total_amount: Float64Array.from(cells, ({ amount }) => amount),
  });
}
