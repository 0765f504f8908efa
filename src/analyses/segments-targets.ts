import type { AnalysisContext, Scoring } from "../analysis.js";
import { CrmError } from "../errors.js";
import { didYouMean } from "../nearest.js";
import { phrase } from "../phrase.js";
import { quoteText } from "../sql.js";
import { numbers, texts as textsOf } from "../table.js";
import type { RulesConfig, Target } from "./segments-rules-config.js";

/** What finding the customers of a target reads. */
export const TARGET_READS = ["features.bought_products", "staged.products"] as const;
type TargetContext = AnalysisContext<(typeof TARGET_READS)[number]>;

/** The customers of a target, or why nobody can tell who they are. */
export interface FoundTarget {
  readonly title: string;
  readonly members: ReadonlySet<number>;
  /** The analysis that would have to run. */
  readonly needs?: string;
  /** What the pipeline says to do with such customers. */
  readonly action?: string | undefined;
}

/** The analyses that targets rest on, where it is not this one. */
const NEEDS: Readonly<Partial<Record<keyof Target, string>>> = { tier: "value", rfm: "rfm" };

/**
 * Finds the customers of a target.
 *
 * @throws CrmError `configuration` for a product, category or segment that there is not, with the nearest name
 */
export async function findTarget(
  context: TargetContext,
  target: Target,
  config: RulesConfig,
): Promise<FoundTarget> {
  const [kind, value] = Object.entries(target)[0] as [keyof Target, string | number];
  const title = await titleOf(context, target, config);
  if (kind === "product") await refuseAmbiguous(context, String(value));
  const needs = NEEDS[kind];
  if (needs !== undefined && !context.ran.has(needs)) return { title, members: new Set(), needs };
  const members = await membersOf(context, sourceOf(kind, value));
  if (members.size === 0) await refuseUnknown(context, kind, String(value));
  const rule = target.rule === undefined ? undefined : config.rules[target.rule];
  return { title, members, action: rule?.action?.[context.run.language] };
}

interface Source {
  readonly from: Scoring<(typeof TARGET_READS)[number]>["from"];
  readonly condition: string;
}

function sourceOf(kind: keyof Target, value: string | number): Source {
  const text = quoteText(String(value));
  switch (kind) {
    case "rule":
      return { from: "results.segment_rules", condition: `rule = ${text}` };
    case "cluster":
      return {
        from: "results.segments",
        condition: typeof value === "number" ? `segment = ${value}` : `segment_name = ${text}`,
      };
    case "tier":
      return { from: "results.value_tiers", condition: `tier = ${text}` };
    case "rfm":
      return { from: "results.rfm", condition: `segment = ${text}` };
    case "product":
      return {
        from: "features.bought_products",
        condition: `product_key = ${text} or product_name = ${text} or ${SOURCE_AND_KEY} = ${text}`,
      };
    case "category":
      return { from: "features.bought_products", condition: `category = ${text}` };
  }
}

/** A product's key with its system before it, where two systems have the same key. */
const SOURCE_AND_KEY = "source || '/' || product_key";

/** One key in two systems is one product where both call it alike; else it must be said which is meant. */
async function refuseAmbiguous(context: TargetContext, key: string): Promise<void> {
  const rows = await context.table(
    "features.bought_products",
    ["source", "product_name"],
    `product_key = ${quoteText(key)}`,
  );
  const [sources, names] = ["source", "product_name"].map((column) => textsOf(rows, column));
  const found = new Map(sources!.map((source, row) => [source!, names![row]]));
  const isOne = new Set(found.values()).size <= 1 && ![...found.values()].includes(null);
  if (found.size < 2 || isOne) return;
  const allowed = [...found.keys()].toSorted().map((source) => `${source}/${key}`);
  throw new CrmError("configuration", `segments: product ${key} is another one in each system`, {
    hint: `write ${allowed.join(" or ")}`,
  });
}

async function membersOf(context: TargetContext, { from, condition }: Source): Promise<Set<number>> {
  await context.score("segment_target", {
    from,
    grain: ["customer_id"],
    columns: { is_member: `case when ${condition} then 1 else 0 end` },
  });
  const rows = await context.table("results.segment_target");
  const isMember = numbers(rows, "is_member");
  return new Set(numbers(rows, "customer_id").filter((_, row) => isMember[row] === 1));
}

/** Clusters come and go; a product, a category or a segment of a vocabulary that is not there is a slip of the pen. */
async function refuseUnknown(context: TargetContext, kind: keyof Target, value: string): Promise<void> {
  const names = await namesOf(context, kind);
  if (names === undefined || names.includes(value)) return;
  const known = `there are ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", …" : ""}`;
  throw new CrmError("configuration", `segments: there is no ${kind} ${value}${didYouMean(value, names)}`, {
    hint: names.length === 0 ? `the exports name no ${kind}` : known,
  });
}

async function namesOf(context: TargetContext, kind: keyof Target): Promise<string[] | undefined> {
  if (kind === "rfm")
    return (textsOf(await context.table("results.rfm_labels"), "segment") as string[]).toSorted();
  if (kind !== "product" && kind !== "category") return undefined;
  const columns = kind === "category" ? ["category"] : ["product_name", "product_key"];
  const rows = await context.table("staged.products", columns);
  const found = columns.flatMap((column) =>
    textsOf(rows, column)
      .filter((name) => name !== null)
      .toSorted(),
  );
  return [...new Set(found)];
}

async function titleOf(context: TargetContext, target: Target, config: RulesConfig): Promise<string> {
  const [kind, value] = Object.entries(target)[0] as [keyof Target, string | number];
  const { targets } = context.texts.lookAlikes;
  const { language } = context.run;
  const rule = target.rule === undefined ? undefined : config.rules[target.rule];
  const label =
    target.rfm !== undefined && context.ran.has("rfm") ? await rfmLabel(context, target.rfm) : undefined;
  return phrase(targets[kind], { name: rule?.label[language] ?? label ?? value });
}

async function rfmLabel(context: TargetContext, segment: string): Promise<string | undefined> {
  const rows = await context.table("results.rfm_labels");
  const place = textsOf(rows, "segment").indexOf(segment);
  return place < 0 ? undefined : textsOf(rows, "segment_label")[place]!;
}
