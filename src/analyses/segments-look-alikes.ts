import type { AnalysisContext } from "../analysis.js";
import type { Estimate } from "../math/estimate.js";
import { LEAST_MEMBERS, type LikenessTrial } from "../models/likeness.js";
import { leafNumbers, leafOfRows } from "../models/tree.js";
import { phrase } from "../phrase.js";
import { column, shown, type SectionPart } from "../section-part.js";
import type { Headline, ModelCard, ShownTable } from "../section.js";
import { numbers, onlyNumber, tableOf } from "../table.js";
import { pathText, titledTree } from "../tree-words.js";
import { ATTRIBUTE_NAMES, type AttributeName } from "./segments-columns.js";
import {
  makesList,
  titlesOf,
  wordingOf,
  type Examples,
  type LearntLikeness,
  type LIKENESS_READS,
  type Sought,
} from "./segments-likeness.js";
import type { RulesConfig } from "./segments-rules-config.js";
import type { FoundTarget } from "./segments-targets.js";

type LookAlikeContext = AnalysisContext<(typeof LIKENESS_READS)[number]>;

/** The prospects there are, and what is known of them. */
export interface Prospects {
  readonly count: number;
  /** Attributes that hardly any of them has. */
  readonly rare: readonly AttributeName[];
}

/** Below this share of prospects who have it, an attribute tells nothing of them. */
const LEAST_KNOWN = 0.05;

/** Counts the prospects, and what is known of them. */
export async function countProspects(context: LookAlikeContext): Promise<Prospects> {
  const known = (name: string) => `sum(case when is_prospect and ${name} is not null then 1 else 0 end)`;
  const row = await context.measure("features.attributes", {
    prospects: "sum(case when is_prospect then 1 else 0 end)",
    ...Object.fromEntries(ATTRIBUTE_NAMES.map((name) => [name, known(name)])),
  });
  const count = onlyNumber(row, "prospects") || 0;
  const isRare = (name: AttributeName) => (onlyNumber(row, name) || 0) < LEAST_KNOWN * count;
  return { count, rare: ATTRIBUTE_NAMES.filter(isRare) };
}

/** What is asked of the look-alikes; `rare` attributes and those left out are not gone by. */
export function soughtLookAlikes(
  { texts }: LookAlikeContext,
  { title, members, action }: FoundTarget,
  { settings, rare }: { settings: NonNullable<RulesConfig["look_alikes"]>; rare: readonly AttributeName[] },
): Sought {
  const words = texts.lookAlikes.lookAlikes;
  return {
    place: 0,
    title,
    members,
    isLookAlike: true,
    attributes: ATTRIBUTE_NAMES.filter((name) => !rare.includes(name) && !settings.leave_out.includes(name)),
    listLength: settings.list_length,
    action: action ?? phrase(words.action, { target: title }),
  };
}

/** Why there is no list before anything is learnt; undefined where there may be one. */
export function obstacleOf(
  { texts }: LookAlikeContext,
  { title, needs, members }: FoundTarget,
  prospects: Prospects,
): string | undefined {
  const words = texts.lookAlikes.lookAlikes;
  if (needs !== undefined) return phrase(words.notRun, { target: title, analysis: needs });
  if (prospects.count === 0) return words.noProspects;
  return members.size === 0 ? phrase(words.noMembers, { target: title }) : undefined;
}

/** A part of the section that only says something. */
export const saying = (...notes: readonly string[]): SectionPart => ({
  answer: "",
  headlines: [],
  charts: [],
  tables: [],
  notes,
});

/** What look-alikes are told from. */
export interface LookAlikeFindings {
  readonly learnt: LearntLikeness;
  readonly examples: Examples;
  readonly prospects: Prospects;
  /** All customers whom others were learnt from. */
  readonly customerCount: number;
}

/** The look-alikes: list, lift, rules; or why there are none. `results.look_alikes` is built. */
export async function lookAlikePart(
  context: LookAlikeContext,
  findings: LookAlikeFindings,
): Promise<SectionPart & { readonly models: readonly ModelCard[] }> {
  const { learnt, prospects } = findings;
  const models = [cardOf(learnt, "look-alikes")];
  const words = context.texts.lookAlikes.lookAlikes;
  const rare =
    prospects.rare.length === 0
      ? []
      : [phrase(words.leftOut, { attributes: namesOf(context, prospects.rare) })];
  if (!makesList(learnt)) return { ...saying(whyNoList(context, learnt), ...rare), models };
  const row = await context.measure("results.look_alikes", {
    listed: "count(*)",
    steps: "count(distinct likeness_probability)",
  });
  const [listed, steps] = [onlyNumber(row, "listed"), onlyNumber(row, "steps")];
  if (listed === 0) return { ...saying(phrase(words.nobody, { target: learnt.title }), ...rare), models };
  return {
    answer: answerOf(context, findings, listed),
    headlines: headlinesOf(context, findings, listed),
    charts: [],
    tables: [await callTable(context, learnt), await leafTable(context, findings)],
    notes: [...tiedNotes(context, listed, steps), ...rare],
    models,
  };
}

/** Where prospects share few probabilities: how those that are equal are ranked. */
function tiedNotes({ texts, run }: LookAlikeContext, listed: number, steps: number): string[] {
  const [count, different] = [listed, steps].map((value) => shown(run, value, "integer"));
  return 2 * steps > listed
    ? []
    : [phrase(texts.lookAlikes.lookAlikes.tied, { count: count!, steps: different! })];
}

const namesOf = ({ texts, run }: LookAlikeContext, names: readonly AttributeName[]) =>
  names.map((name) => texts.lookAlikes.attributes[name]).join(run.language === "zh" ? "、" : ", ");

/** An estimate's three numbers as texts. */
export function liftGaps({ run }: LookAlikeContext, { estimate, low, high }: Estimate) {
  const [lift, least, most] = [estimate, low, high].map((value) => shown(run, value, "decimal"));
  return { lift: lift!, low: least!, high: most! };
}

function whyNoList(context: LookAlikeContext, learnt: LearntLikeness): string {
  const words = context.texts.lookAlikes.lookAlikes;
  const whole = (value: number) => shown(context.run, value, "integer");
  const { title: target, likeness, memberCount, customerCount } = learnt;
  if (likeness === undefined)
    return phrase(words.few, {
      target,
      members: whole(memberCount),
      customers: whole(customerCount),
      least: LEAST_MEMBERS,
    });
  const { lift, heldCount } = likeness.trial;
  const held = whole(heldCount);
  if (Number.isNaN(lift.estimate)) return phrase(words.chanceFlat, { target, held });
  return phrase(words.chance, { target, held, ...liftGaps(context, lift) });
}

function answerOf(
  context: LookAlikeContext,
  { learnt, prospects }: LookAlikeFindings,
  listed: number,
): string {
  const words = context.texts.lookAlikes.lookAlikes;
  const { trial } = learnt.likeness!;
  return phrase(foundAll(trial) ? words.answerAll : words.answer, {
    heldMembers: shown(context.run, trial.heldMembers, "integer"),
    listed: shown(context.run, listed, "integer"),
    prospects: shown(context.run, prospects.count, "integer"),
    target: learnt.title,
    ...liftGaps(context, trial.lift),
  });
}

/** No list could have found more: then the lift has no upper end to tell. */
const foundAll = ({ listedMembers, heldMembers }: LikenessTrial) => listedMembers === heldMembers;

function headlinesOf(
  context: LookAlikeContext,
  { learnt, prospects }: LookAlikeFindings,
  listed: number,
): Headline[] {
  const words = context.texts.lookAlikes.lookAlikes;
  const whole = (value: number) => shown(context.run, value, "integer");
  const { trial } = learnt.likeness!;
  return [
    {
      label: words.headline,
      value: listed,
      format: "integer",
      note: phrase(words.headlineNote, { prospects: whole(prospects.count), target: learnt.title }),
    },
    {
      label: words.lift,
      value: trial.lift.estimate,
      format: "decimal",
      note: phrase(foundAll(trial) ? words.liftNoteAll : words.liftNote, {
        members: whole(trial.listedMembers),
        count: whole(trial.listedCount),
        held: whole(trial.heldCount),
        heldMembers: whole(trial.heldMembers),
        target: learnt.title,
        ...liftGaps(context, trial.lift),
      }),
    },
  ];
}

async function callTable(context: LookAlikeContext, { title }: LearntLikeness): Promise<ShownTable> {
  const { lookAlikes, columns: known } = context.texts;
  await context.build("look_alike_calls");
  return {
    name: "look-alikes",
    title: lookAlikes.lookAlikes.title,
    caption: phrase(lookAlikes.lookAlikes.caption, { target: title }),
    isInteractive: true,
    rows: await context.table("results.look_alike_calls"),
    columns: [
      column("likeness_rank", lookAlikes.lookAlikes.rank, "integer"),
      column("customer_key", known.customer_key, "text"),
      column("customer_name", known.customer_name, "text"),
      column("likeness_probability", lookAlikes.columns.likeness_probability, "likelihood"),
      column("reason_1", lookAlikes.columns.reason_1, "text"),
      column("reason_2", lookAlikes.columns.reason_2, "text"),
      column("permitted_channels", known.permitted_channels, "text"),
    ],
  };
}

/** The leaves of the tree, with the customers they were learnt from and the prospects in them. */
async function leafTable(context: LookAlikeContext, findings: LookAlikeFindings): Promise<ShownTable> {
  const words = context.texts.lookAlikes.lookAlikes;
  const told = await toldLeaves(context, findings);
  const of = (value: (leaf: (typeof told)[number]) => number) => Float64Array.from(told, value);
  return {
    name: "look-alike-rules",
    title: phrase(words.leaves, { target: findings.learnt.title }),
    caption: phrase(words.leavesCaption, {
      known: shown(context.run, findings.examples.ids.length, "integer"),
      customers: shown(context.run, findings.customerCount, "integer"),
    }),
    rows: tableOf({
      probability: of(({ probability }) => probability),
      customers: of((leaf) => leaf.customers),
      members: of(({ members }) => members),
      prospects: of((leaf) => leaf.prospects),
      rule: told.map(({ rule }) => rule),
    }),
    columns: [
      column("probability", words.probability, "percent"),
      column("customers", words.learntFrom, "integer"),
      column("members", words.members, "integer"),
      column("prospects", words.prospects, "integer"),
      column("rule", words.leaf, "text"),
    ],
  };
}

/** Each leaf in words, the likest first. */
async function toldLeaves(context: LookAlikeContext, { learnt, examples }: LookAlikeFindings) {
  const { tree } = learnt.likeness!.fitted;
  await context.build("look_alike_leaves");
  const rows = await context.table("results.look_alike_leaves");
  const [leaves, counts] = [numbers(rows, "leaf"), numbers(rows, "prospect_count")];
  const wording = wordingOf(context, examples.features);
  const titled = titledTree(tree, titlesOf(context.texts));
  const customers = leafOfRows(tree, examples.features, examples.ids.length);
  return [...leafNumbers(tree)]
    .map(([place, leaf]) => ({
      rule: pathText(titled, place, wording),
      probability: tree.nodes[place]!.value,
      customers: customers.filter((own) => own === place).length,
      members: customers.filter((own, row) => own === place && learnt.members.has(examples.ids[row]!)).length,
      prospects: counts[leaves.indexOf(leaf)] ?? 0,
    }))
    .toSorted((a, b) => b.probability - a.probability);
}

/** What is to be known of a model of likeness: what it was learnt from, how it did, whether it ships. */
export function cardOf(learnt: LearntLikeness, name: string): ModelCard {
  const { title, likeness, memberCount, customerCount, attributes } = learnt;
  const known = { name, target: title, customers: customerCount, members: memberCount, attributes };
  if (likeness === undefined) return { ...known, ships: false, reason: "too few members or others" };
  const { trial, fitted, baseRate } = likeness;
  return {
    ...known,
    ships: trial.beatsChance,
    base_rate: baseRate,
    trial: trialCard(trial),
    shrinkage: fitted.shrinkage,
    complexity: fitted.complexity,
    calibration: fitted.calibration,
    tree: fitted.tree,
  };
}

const trialCard = (trial: LikenessTrial) => ({
  held_out: "three tenths of the customers, by hash",
  customers: trial.heldCount,
  members: trial.heldMembers,
  listed: trial.listedCount,
  listed_members: trial.listedMembers,
  precision: known(trial.precision),
  lift: known(trial.lift),
  area: known(trial.area),
});

/** JSON has no NaN. */
const known = (estimate: Estimate) =>
  Object.fromEntries(
    Object.entries(estimate as unknown as Record<string, number>).map(([key, value]) => [
      key,
      Number.isNaN(value) ? null : value,
    ]),
  );
