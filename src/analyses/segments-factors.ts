import type { AnalysisContext } from "../analysis.js";
import { valueWords } from "../code-words.js";
import { falseDiscoveryRates } from "../math/false-discovery.js";
import type { Difference } from "../models/group-differences.js";
import { LEAST_MEMBERS } from "../models/likeness.js";
import { phrase } from "../phrase.js";
import { column, shown, type SectionPart } from "../section-part.js";
import type { ModelCard, ShownTable } from "../section.js";
import { numberVector, tableOf, textVector, type Table } from "../table.js";
import { ATTRIBUTE_NAMES, type AttributeName } from "./segments-columns.js";
import { makesList, type LearntLikeness, type LIKENESS_READS, type Sought } from "./segments-likeness.js";
import { cardOf } from "./segments-look-alikes.js";
import type { FoundTarget } from "./segments-targets.js";

type FactorContext = AnalysisContext<(typeof LIKENESS_READS)[number]>;

/** What is asked of a target of factor analysis; places go from 1. */
export function soughtFactor({ texts }: FactorContext, found: FoundTarget, place: number): Sought {
  return {
    place,
    title: found.title,
    members: found.members,
    isLookAlike: false,
    attributes: ATTRIBUTE_NAMES,
    action: found.action ?? phrase(texts.lookAlikes.factors.action, { target: found.title }),
  };
}

/** Why nothing can be said of a target; undefined where something can. */
export function factorObstacle(
  { texts }: FactorContext,
  { title, needs, members }: FoundTarget,
): string | undefined {
  const words = texts.lookAlikes.factors;
  if (needs !== undefined) return phrase(words.notRun, { target: title, analysis: needs });
  return members.size === 0 ? phrase(words.noMembers, { target: title }) : undefined;
}

/** One difference of one target, with the rate of false discoveries among all that are at least as sure. */
interface Finding {
  /** Tells targets apart that are called alike. */
  readonly place: number;
  readonly target: string;
  readonly difference: Difference;
  readonly rate: number;
}

/** Findings that chance rarely makes are shown. */
const SHOWN_RATE = 0.05;
/** Of each target, the surest ones. */
const SHOWN_FINDINGS = 20;

/** What sets the members of each target apart, and who resembles them: `results.segment_factors`, `results.likely_buyers`. */
export async function factorPart(
  context: FactorContext,
  all: readonly LearntLikeness[],
): Promise<SectionPart & { readonly models: readonly ModelCard[] }> {
  const findings = findingsOf(all);
  await context.write("factor_differences", factorRows(context, findings));
  await context.build("segment_factors");
  const tested = findings.filter(({ rate }) => !Number.isNaN(rate)).length;
  const sure = findings.filter(({ rate }) => rate <= SHOWN_RATE);
  const shownFindings = all.flatMap(({ place }) =>
    sure
      .filter((finding) => finding.place === place)
      .toSorted((a, b) => a.rate - b.rate || a.difference.pValue - b.difference.pValue)
      .slice(0, SHOWN_FINDINGS),
  );
  return {
    answer: "",
    headlines: [],
    charts: [],
    tables: [
      ...(shownFindings.length === 0 ? [] : [factorTable(context, shownFindings, tested)]),
      ...(all.some(makesList) ? [await buyerTable(context)] : []),
    ],
    notes: all.flatMap((learnt) =>
      notesOf(context, learnt, { tested, isPlain: sure.every(({ place }) => place !== learnt.place) }),
    ),
    models: all.map((learnt) => cardOf(learnt, `factors-${learnt.place}`)),
  };
}

/** The rate is over all tests of all targets. */
function findingsOf(all: readonly LearntLikeness[]): Finding[] {
  const found = all.flatMap(({ place, title, differences }) =>
    differences.map((difference) => ({ place, target: title, difference })),
  );
  const rates = falseDiscoveryRates(Float64Array.from(found, ({ difference }) => difference.pValue));
  return found.map((finding, place) => ({ ...finding, rate: rates[place]! }));
}

interface Known {
  readonly tested: number;
  readonly isPlain: boolean;
}

function notesOf(
  { texts, run }: FactorContext,
  { title: target, likeness, memberCount, customerCount }: LearntLikeness,
  { tested, isPlain }: Known,
): string[] {
  const words = texts.lookAlikes.factors;
  const whole = (value: number) => shown(run, value, "integer");
  const plain = isPlain ? [phrase(words.nothing, { target, tests: whole(tested) })] : [];
  if (likeness === undefined) {
    const [members, customers] = [whole(memberCount), whole(customerCount)];
    return [...plain, phrase(words.few, { target, members, customers, least: LEAST_MEMBERS })];
  }
  if (likeness.trial.beatsChance) return plain;
  return [...plain, phrase(words.chance, { target, held: whole(likeness.trial.heldCount) })];
}

/** What a difference says of members and others: a mean, or a share. */
function valuesOf(difference: Difference): { readonly member: number; readonly other: number } {
  if (difference.kind === "number") return { member: difference.memberMean, other: difference.otherMean };
  if (difference.kind === "word") return { member: difference.memberShare, other: difference.otherShare };
  return { member: NaN, other: NaN };
}

function wordOf({ texts }: FactorContext, difference: Difference): string {
  if (difference.kind !== "word") return "";
  return difference.word ?? texts.lookAlikes.factors.unknown;
}

/** The same as people say it; the file keeps the code. */
const toldWordOf = (context: FactorContext, difference: Difference): string =>
  valueWords(difference.attribute, wordOf(context, difference), context.texts);

/** The rows of factors.csv: all that was compared. */
function factorRows(context: FactorContext, findings: readonly Finding[]): Table {
  const { attributes, factors } = context.texts.lookAlikes;
  const of = (value: (finding: Finding) => number) => numberVector(Float64Array.from(findings, value));
  const words = (value: (finding: Finding) => string) => textVector(findings.map(value));
  return tableOf({
    factor_place: Float64Array.from(findings, (_, place) => place + 1),
    target_title: words(({ target }) => target),
    attribute: words(({ difference }) => difference.attribute),
    attribute_label: words(({ difference }) => attributes[difference.attribute as AttributeName]),
    word: words(({ difference }) => wordOf(context, difference)),
    measure: words(({ difference }) => MEASURES[difference.kind]),
    measure_label: words(({ difference }) => factors.measures[difference.kind]),
    effect: of(({ difference }) => difference.effect.estimate),
    effect_low: of(({ difference }) => difference.effect.low),
    effect_high: of(({ difference }) => difference.effect.high),
    member_value: of(({ difference }) => valuesOf(difference).member),
    other_value: of(({ difference }) => valuesOf(difference).other),
    member_count: of(({ difference }) => difference.memberCount),
    other_count: of(({ difference }) => difference.otherCount),
    p_value: of(({ difference }) => difference.pValue),
    false_discovery_rate: of(({ rate }) => rate),
  });
}

const MEASURES: Readonly<Record<Difference["kind"], string>> = {
  number: "standardised_difference",
  word: "odds_ratio",
  words: "cramers_v",
};

function factorTable(context: FactorContext, findings: readonly Finding[], tested: number): ShownTable {
  const words = context.texts.lookAlikes.factors;
  const told = (value: number, { difference }: Finding) =>
    shown(context.run, value, difference.kind === "word" ? "percent" : "decimal");
  return {
    name: "factors",
    title: words.title,
    caption: phrase(words.caption, { tests: shown(context.run, tested, "integer") }),
    rows: tableOf({
      ...Object.fromEntries(factorColumnsOf(context, findings)),
      word: findings.map(({ difference }) => toldWordOf(context, difference)),
      members: findings.map((finding) => told(valuesOf(finding.difference).member, finding)),
      others: findings.map((finding) => told(valuesOf(finding.difference).other, finding)),
    }),
    columns: [
      column("target_title", words.target, "text"),
      column("attribute_label", words.attribute, "text"),
      column("word", words.word, "text"),
      column("measure_label", words.measure, "text"),
      column("effect", words.effect, "decimal"),
      column("effect_low", words.low, "decimal"),
      column("effect_high", words.high, "decimal"),
      column("members", words.members, "text"),
      column("others", words.others, "text"),
      column("member_count", words.memberCount, "integer"),
      column("false_discovery_rate", words.rate, "percent"),
    ],
  };
}

function factorColumnsOf(context: FactorContext, findings: readonly Finding[]) {
  const rows = factorRows(context, findings);
  return rows.schema.fields.map(({ name }) => [name, rows.getChild(name)!] as const);
}

async function buyerTable(context: FactorContext): Promise<ShownTable> {
  const { lookAlikes, columns: known } = context.texts;
  await context.build("likely_buyer_calls");
  return {
    name: "likely-buyers",
    title: lookAlikes.factors.likely,
    caption: lookAlikes.factors.likelyCaption,
    isInteractive: true,
    rows: await context.table("results.likely_buyer_calls"),
    columns: [
      column("target_title", lookAlikes.columns.target_title, "text"),
      column("likeness_rank", lookAlikes.columns.likeness_rank, "integer"),
      column("customer_key", known.customer_key, "text"),
      column("customer_name", known.customer_name, "text"),
      column("likeness_probability", lookAlikes.columns.likeness_probability, "likelihood"),
      column("reason_1", lookAlikes.columns.reason_1, "text"),
      column("permitted_channels", known.permitted_channels, "text"),
    ],
  };
}
