import type { AnalysisContext, PublishedTable } from "../analysis.js";
import type { SectionPart } from "../section-part.js";
import type { Format, ModelCard, ShownColumn } from "../section.js";
import type { Texts } from "../texts/index.js";
import { factorObstacle, factorPart, soughtFactor } from "./segments-factors.js";
import {
  knownAlike,
  learnLikeness,
  LIKENESS_READS,
  readExamples,
  scoreLikeness,
  type LearntLikeness,
  type Sought,
} from "./segments-likeness.js";
import {
  countProspects,
  lookAlikePart,
  obstacleOf,
  saying,
  soughtLookAlikes,
} from "./segments-look-alikes.js";
import type { RulesConfig } from "./segments-rules-config.js";
import { findTarget, TARGET_READS } from "./segments-targets.js";

/** What look-alikes and factors read. */
export const ALIKE_READS = [...LIKENESS_READS, ...TARGET_READS] as const;
type AlikeContext = AnalysisContext<(typeof ALIKE_READS)[number]>;

type Part = SectionPart & { readonly models?: readonly ModelCard[] };

/** Who resembles a segment or the buyers of something, and what sets those apart: look-alikes and factors. */
export async function alikeParts(context: AlikeContext, config: RulesConfig): Promise<Part[]> {
  const prospects = await countProspects(context);
  const { sought, obstacles } = await seek(context, config, prospects);
  const examples = await readExamples(context);
  const learnt: LearntLikeness[] = [];
  const alike = knownAlike(examples);
  for (const each of sought)
    learnt.push(await learnLikeness(context, each.isLookAlike ? alike : examples, each));
  await scoreLikeness(context, learnt, examples);
  await context.build("look_alikes");
  await context.build("likely_buyers");
  const lookAlikes = learnt.find(({ isLookAlike }) => isLookAlike);
  return [
    ...(lookAlikes === undefined
      ? []
      : [
          await lookAlikePart(context, {
            learnt: lookAlikes,
            examples: alike,
            prospects,
            customerCount: examples.ids.length,
          }),
        ]),
    await factorPart(
      context,
      learnt.filter(({ isLookAlike }) => !isLookAlike),
    ),
    saying(...obstacles),
  ];
}

/** What can be sought, and why the rest cannot. */
async function seek(
  context: AlikeContext,
  config: RulesConfig,
  prospects: Awaited<ReturnType<typeof countProspects>>,
): Promise<{ sought: Sought[]; obstacles: string[] }> {
  const sought: Sought[] = [];
  const obstacles: string[] = [];
  const settings = config.look_alikes;
  if (settings !== undefined) {
    const found = await findTarget(context, settings.of, config);
    const obstacle = obstacleOf(context, found, prospects);
    if (obstacle !== undefined) obstacles.push(obstacle);
    else sought.push(soughtLookAlikes(context, found, { settings, rare: prospects.rare }));
  }
  for (const [i, target] of config.factors.entries()) {
    const found = await findTarget(context, target, config);
    const obstacle = factorObstacle(context, found);
    if (obstacle !== undefined) obstacles.push(obstacle);
    else sought.push(soughtFactor(context, found, i + 1));
  }
  return { sought, obstacles };
}

const FORMATS: Readonly<Record<string, Format>> = {
  customer_id: "integer",
  likeness_rank: "integer",
  target_place: "integer",
  likeness_probability: "likelihood",
  employee_count: "integer",
  match_count: "integer",
  factor_place: "integer",
  effect: "decimal",
  effect_low: "decimal",
  effect_high: "decimal",
  member_value: "decimal",
  other_value: "decimal",
  member_count: "integer",
  other_count: "integer",
  p_value: "decimal",
  false_discovery_rate: "percent",
};

type OwnColumn = keyof Texts["lookAlikes"]["columns"];
type ColumnName = OwnColumn | keyof Texts["columns"];

/** Columns of the relations of look-alikes, factors and rules, with their headings. */
function columnsNamed(texts: Texts, names: readonly ColumnName[]): ShownColumn[] {
  const titles: Readonly<Record<string, string>> = { ...texts.columns, ...texts.lookAlikes.columns };
  return names.map((name) => ({ name, title: titles[name]!, format: FORMATS[name] ?? "text" }));
}

const CUSTOMER = ["customer_id", "customer_key", "customer_name"] as const;

const LIKENESS_COLUMNS = [
  "likeness_rank",
  ...CUSTOMER,
  "target_title",
  "likeness_probability",
  "reason_1",
  "reason_2",
  "reason_3",
  "country",
  "city",
  "industry",
  "employee_count",
  "suggested_action",
  "owner_name",
  "permitted_channels",
  "email_contact",
  "email_address",
  "phone_contact",
  "phone_number",
  "sms_contact",
  "sms_number",
  "mail_contact",
  "mail_city",
] as const;

const FACTOR_COLUMNS = [
  "factor_place",
  "target_title",
  "attribute",
  "word",
  "measure",
  "effect",
  "effect_low",
  "effect_high",
  "member_value",
  "other_value",
  "member_count",
  "other_count",
  "p_value",
  "false_discovery_rate",
] as const;

/** The tables that people take along: rules, look-alikes, factors and who else resembles their targets. */
export function alikeTables(texts: Texts): readonly PublishedTable[] {
  const labelled = (shown: ShownColumn): ShownColumn =>
    shown.name === "attribute" || shown.name === "measure"
      ? { ...shown, labelName: `${shown.name}_label` }
      : shown;
  return [
    {
      name: "segment-rules",
      relation: "results.segment_rule_customers",
      columns: columnsNamed(texts, [...CUSTOMER, "rule", "rule_label", "match_count"]),
    },
    ...alikeLists(texts),
    {
      name: "factors",
      relation: "results.segment_factors",
      columns: columnsNamed(texts, FACTOR_COLUMNS).map(labelled),
    },
  ];
}

/** The lists that people act on: prospects like the chosen segment, and customers like the buyers of something. */
export function alikeLists(texts: Texts): readonly PublishedTable[] {
  const columns = columnsNamed(texts, LIKENESS_COLUMNS);
  return [
    { name: "look-alikes", relation: "results.look_alikes", columns },
    {
      name: "likely-buyers",
      relation: "results.likely_buyers",
      columns: columnsNamed(texts, ["target_place", ...LIKENESS_COLUMNS]),
      order: "target_place, likeness_rank",
    },
  ];
}
