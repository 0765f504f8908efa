import { formatValue, type Locale } from "../format.js";
import { MOST_SEQUENCE_ITEMS } from "../models/purchase-calendar.js";
import { phrase } from "../phrase.js";
import { column } from "../section-part.js";
import type { Chart, HeatMap, Network, Section, ShownTable } from "../section.js";
import { tableOf } from "../table.js";
import type { BasketsConfig } from "./baskets-config.js";
import { groupLifts } from "./baskets-groups.js";
import { shorten, unknownClauses } from "./baskets-names.js";
import {
  isRaised,
  RULE_BYTES,
  setName,
  type BasketStudy,
  type LeftOut,
  type ValuedRule,
} from "./baskets-study.js";
import {
  ruleColumns,
  ruleTable,
  sequenceColumns,
  sequenceTable,
  type BasketsTexts,
} from "./baskets-tables.js";

/** How a study is told. */
export interface ToldBaskets {
  readonly config: BasketsConfig;
  readonly level: "product" | "category" | "brand" | "item";
  /** False where revenue stands for margin. */
  readonly isMargin: boolean;
  /** False where nobody knows what an item brings. */
  readonly hasMoney: boolean;
  readonly texts: BasketsTexts;
  readonly locale: Locale;
}

/** What the report shows of baskets. */
export function basketsSection(study: BasketStudy, told: ToldBaskets): Section {
  const { texts } = told;
  return {
    analysis: "baskets",
    title: texts.title,
    question: texts.question,
    answer: answer(study, told),
    headlines: [
      { label: texts.headlineBaskets, value: study.baskets.basketCount, format: "integer" },
      { label: texts.headlineSets, value: study.found.size, format: "integer", note: texts.headlineSetsNote },
      {
        label: texts.headlineRules,
        value: study.shown.length,
        format: "integer",
        note: rulesNote(study, told),
      },
      {
        label: texts.headlineSequences,
        value: study.sequences.length,
        format: "integer",
        ...sequencesNote(study, told),
      },
    ],
    charts: charts(study, told),
    tables: tables(study, told),
    notes: notes(study, told),
    models: [card(study, told)],
  };
}

const shownWith =
  ({ locale }: ToldBaskets) =>
  (value: number, format: "integer" | "percent" | "decimal") =>
    formatValue(value, format, locale);

const soundRules = ({ rules }: BasketStudy) =>
  rules.filter(({ isSignificant, isRedundant }) => isSignificant && !isRedundant);

function rulesNote(study: BasketStudy, told: ToldBaskets): string {
  const { texts, config } = told;
  if (!config.all_rules) return texts.headlineRulesNote;
  const count = shownWith(told)(soundRules(study).length, "integer");
  return phrase(texts.headlineAllRulesNote, { count });
}

function sequencesNote({ sequences }: BasketStudy, told: ToldBaskets): { note?: string } {
  if (!told.config.all_rules) return {};
  const sure = sequences.filter(({ isSignificant }) => isSignificant);
  const count = shownWith(told)(sure.length, "integer");
  return { note: phrase(told.texts.headlineAllSequencesNote, { count }) };
}

/** The answer with what it does not hold for. */
function answer(study: BasketStudy, told: ToldBaskets): string {
  return [mainAnswer(study, told), ...limits(study, told)].reduce((before, after) =>
    phrase(told.texts.sentences, { before, after }),
  );
}

function limits(study: BasketStudy, told: ToldBaskets): string[] {
  return [...commonLimit(study, told), ...raisedLimit(study, told)];
}

/** What is left out of every comparison, and the baskets that go with it; where no pair is left, the answer says so itself. */
function commonLimit({ common, emptied, found }: BasketStudy, { texts }: ToldBaskets): string[] {
  if (common.length === 0 || found.lengths.every((length) => length < 2)) return [];
  return [
    phrase(texts.answerCommon, { common: listedNames(common).join(texts.joint) }),
    ...(emptied === 0 ? [] : [phrase(texts.noteEmptied, { count: emptied })]),
  ];
}

function raisedLimit(study: BasketStudy, told: ToldBaskets): string[] {
  if (!isRaised(study)) return [];
  const shown = shownWith(told);
  const counts = {
    asked: shown(study.askedCount, "integer"),
    count: shown(study.found.minCount, "integer"),
  };
  return [phrase(told.texts.answerRaised, counts)];
}

function mainAnswer(study: BasketStudy, told: ToldBaskets): string {
  const { texts } = told;
  const shown = shownWith(told);
  const sure = soundRules(study);
  const best = sure[0];
  const counted = {
    rules: shown(sure.length, "integer"),
    baskets: shown(study.baskets.basketCount, "integer"),
  };
  if (study.found.lengths.every((length) => length < 2)) return noPairAnswer(study, told);
  if (best === undefined) return noRuleAnswer(study, told);
  return phrase(texts.answer, {
    ...counted,
    left: joined(study, best.antecedent, told),
    right: joined(study, best.consequent, told),
    confidence: shown(best.confidence, "percent"),
    lift: shown(best.lift, "decimal"),
  });
}

/** Why sets of several items make no rule to rely on: none has the confidence, or none that has it is significant. */
function noRuleAnswer({ rules, baskets }: BasketStudy, told: ToldBaskets): string {
  const { texts, config } = told;
  const shown = shownWith(told);
  const { left_with, left_without, right_with, right_without } = config;
  const hasSides = [left_with, left_without, right_with, right_without].some(({ length }) => length > 0);
  const { unreached, weak } = hasSides ? texts.answerNoRuleOfSides : texts.answerNoRule;
  return phrase(rules.length === 0 ? unreached : weak, {
    all: shown(rules.length, "integer"),
    baskets: shown(baskets.basketCount, "integer"),
    confidence: shown(config.min_confidence, "percent"),
  });
}

/** Why no two items make a rule: no pair in enough baskets, and those that were left out for their size. */
function noPairAnswer(study: BasketStudy, told: ToldBaskets): string {
  const { texts, config } = told;
  const { huge } = study;
  const before = fewPairsAnswer(study, told);
  if (huge.length === 0 || config.huge_baskets === "cut") return before;
  const most = shownWith(told)(config.huge_basket_items, "integer");
  const count = shownWith(told)(huge.length, "integer");
  return phrase(texts.sentences, { before, after: phrase(texts.answerHuge, { count, most }) });
}

/** Too few baskets for the support, or what lies together lies in nearly every basket. */
function fewPairsAnswer(study: BasketStudy, told: ToldBaskets): string {
  const { baskets, askedCount, common, huge, goods } = study;
  const { texts, level } = told;
  const shown = shownWith(told);
  const counted = { baskets: shown(baskets.basketCount, "integer"), asked: shown(askedCount, "integer") };
  if (baskets.basketCount > 0 && askedCount > baskets.basketCount) return phrase(texts.answerTooFew, counted);
  if (baskets.basketCount === 0 && common.length === 0 && huge.length > 0) return texts.answerNoBasket;
  if (goods.names.length === 0 && (level === "category" || level === "brand"))
    return phrase(texts.answerNoItem, { level: texts.levels[level] });
  const names = listedNames(common).join(texts.joint);
  if (baskets.basketCount === 0 && huge.length === 0 && common.length > 0)
    return phrase(texts.answerAllCommon, { common: names });
  return common.length === 0
    ? phrase(texts.answerNoPair, counted)
    : phrase(texts.answerNoPairBesideCommon, { ...counted, common: names });
}

const joined = ({ goods }: BasketStudy, items: readonly number[], { texts }: ToldBaskets) =>
  items.map((item) => shorten(goods.names[item]!)).join(texts.joint);

/** Rules in the picture, the strongest first. */
const PICTURE_RULES = 24;
/** Categories in the heat map, the commonest first. */
const HEAT_GROUPS = 8;

function charts(study: BasketStudy, told: ToldBaskets): Chart[] {
  const network = networkOf(study, told);
  const heat = heatOf(study, told);
  return [...(network === undefined ? [] : [network]), ...(heat === undefined ? [] : [heat])];
}

function networkOf(study: BasketStudy, { texts }: ToldBaskets): Network | undefined {
  const rules = study.shown.filter(({ isSignificant }) => isSignificant).slice(0, PICTURE_RULES);
  if (rules.length === 0) return undefined;
  const items = [...new Set(rules.flatMap(({ antecedent, consequent }) => [...antecedent, ...consequent]))];
  const counts = study.found.counts;
  return {
    kind: "network",
    title: texts.network,
    caption: texts.networkCaption,
    nodes: items.map((item) => ({
      label: shorten(study.goods.names[item]!),
      size: counts[study.found.ranks[item]!]!,
    })),
    links: rules.flatMap(({ antecedent, consequent, count, lift }) =>
      consequent.map((to) => ({
        from: antecedent.map((item) => items.indexOf(item)),
        to: items.indexOf(to),
        width: count,
        heat: lift,
      })),
    ),
    headings: { width: texts.columns.basket_count, heat: texts.columns.lift },
  };
}

function heatOf(study: BasketStudy, { texts }: ToldBaskets): HeatMap | undefined {
  const cells = groupLifts(study, HEAT_GROUPS);
  if (cells.length === 0) return undefined;
  return {
    kind: "heat-map",
    title: texts.heat,
    caption: texts.heatCaption,
    rows: tableOf({
      first: cells.map(({ first }) => shorten(first)),
      second: cells.map(({ second }) => shorten(second)),
      lift: Float64Array.from(cells, ({ lift }) => lift),
      count: Float64Array.from(cells, ({ count }) => count),
    }),
    x: column("first", texts.group, "text"),
    y: column("second", texts.group, "text"),
    value: column("lift", texts.columns.lift, "decimal"),
    detail: column("count", texts.columns.basket_count, "integer"),
  };
}

/** Longer tables are in the files. */
const MOST_ROWS = 1000;

const RULE_COLUMNS = [
  "antecedent",
  "consequent",
  "basket_count",
  "confidence",
  "lift",
  "lift_low",
  "lift_high",
  "q_value",
];

/** Where no cost is known, what a hundred contacts bring is headed as revenue. */
const shownRuleColumns = ({ texts, isMargin }: ToldBaskets) =>
  ruleColumns(texts).map((shown) =>
    shown.name === "margin_per_hundred" && !isMargin
      ? { ...shown, title: texts.columns.revenue_per_hundred }
      : shown,
  );

function tables(study: BasketStudy, told: ToldBaskets): ShownTable[] {
  const { texts, hasMoney, config } = told;
  const names = [
    ...RULE_COLUMNS,
    ...(hasMoney ? ["margin_per_hundred"] : []),
    ...(study.goods.buyers === undefined ? [] : ["open_customers"]),
    ...(config.all_rules ? ["is_redundant", "is_significant"] : []),
  ];
  const rules: ShownTable = {
    name: "rules",
    title: texts.rules,
    caption:
      told.isMargin || !hasMoney ? texts.rulesCaption : `${texts.rulesCaption} ${texts.revenueCaption}`,
    columns: shownRuleColumns(told).filter(({ name }) => names.includes(name)),
    rows: ruleTable({
      ...study,
      ...shortened(study),
      shown: study.shown.slice(0, MOST_ROWS).map(neverNought),
    }),
    isInteractive: true,
  };
  if (study.goods.buyers === undefined) return [rules];
  const sequences: ShownTable = {
    name: "sequences",
    title: texts.sequences,
    caption: sequencesCaption(study, told),
    columns: sequenceColumns(texts).filter(
      ({ name }) => !["sequence_number", "p_value", "is_significant"].includes(name),
    ),
    rows: sequenceTable({
      ...study,
      ...shortened(study),
      sequences: study.sequences.slice(0, MOST_ROWS).map(neverNought),
    }),
    isInteractive: true,
  };
  return [rules, sequences];
}

/** What sequences are, and where there is none, among how many none was found. */
function sequencesCaption({ sequences, sequenceTests }: BasketStudy, told: ToldBaskets): string {
  const { texts, config } = told;
  const caption = phrase(texts.sequencesCaption, { days: config.sequence_days });
  if (sequences.length > 0) return caption;
  const after = phrase(texts.sequencesNone, { count: shownWith(told)(sequenceTests, "integer") });
  return phrase(texts.sentences, { before: caption, after });
}

/** A q-value too small for a number is not shown as none. */
const neverNought = <Found extends { readonly qValue: number }>(found: Found): Found => ({
  ...found,
  qValue: Math.max(found.qValue, Number.MIN_VALUE),
});

const shortened = ({ goods }: BasketStudy) => ({ goods: { ...goods, names: goods.names.map(shorten) } });

function notes(study: BasketStudy, told: ToldBaskets): string[] {
  const { texts, config, level } = told;
  const shown = shownWith(told);
  const { rules, shown: kept } = study;
  const redundant = rules.filter(({ isRedundant }) => isRedundant).length;
  return [
    phrase(texts.noteBaskets[level === "item" && config.by === "order" ? "file" : config.by], {
      days: config.window_days,
      level: texts.levels[level],
    }),
    ...supportNotes(study, told),
    phrase(texts.noteRules, {
      all: shown(rules.length, "integer"),
      shown: shown(kept.length, "integer"),
      redundant: shown(redundant, "integer"),
      weak: shown(rules.filter(({ isSignificant }) => !isSignificant).length, "integer"),
    }),
    ...valuedNotes(study, told),
    phrase(texts.noteChance, { share: shown(config.false_share, "percent") }),
    ...leftOutNotes(study, told),
    ...unknownNotes(study, told),
    texts.noteCause,
  ];
}

function valuedNotes({ goods, shown: kept, valuedCount }: BasketStudy, told: ToldBaskets): string[] {
  if (goods.buyers === undefined || kept.length === valuedCount) return [];
  return [phrase(told.texts.noteValued, { count: shownWith(told)(valuedCount, "integer") })];
}

function unknownNotes({ unknown }: BasketStudy, { texts }: ToldBaskets): string[] {
  if (unknown.length === 0) return [];
  return [phrase(texts.noteUnknown, { names: unknownClauses(unknown).join(texts.joint) })];
}

function supportNotes({ found, askedCount, mostItems }: BasketStudy, told: ToldBaskets): string[] {
  const { texts, config } = told;
  const shown = shownWith(told);
  const count = shown(found.minCount, "integer");
  const memory = { budget: config.memory_mb, each: RULE_BYTES / 1024 };
  const shorter = { most: mostItems, ...memory };
  const isShorter =
    found.maxLength < (config.max_length ?? Infinity) || found.lengths.some((length) => length > mostItems);
  const raised = { asked: shown(askedCount, "integer"), count, ...memory };
  return [
    phrase(texts.noteSupport, { count, confidence: shown(config.min_confidence, "percent") }),
    ...(isRaised({ found, askedCount }) ? [phrase(texts.noteRaised, raised)] : []),
    ...(isShorter ? [phrase(texts.noteShorter, shorter)] : []),
  ];
}

/** What is left out is listed as far as this, and counted. */
const MOST_LISTED = 10;

const listedNames = (items: readonly LeftOut[]) => [
  ...items.slice(0, MOST_LISTED).map(({ name }) => shorten(name)),
  ...(items.length > MOST_LISTED ? ["…"] : []),
];

function leftOutNotes(study: BasketStudy, { texts, config }: ToldBaskets): string[] {
  const { excluded, common, emptied, huge, sequenceLeftOut: rarer } = study;
  const noteOf = (items: readonly LeftOut[], text: string) => {
    const names = listedNames(items).join(texts.joint);
    return items.length === 0 ? [] : [phrase(text, { items: names, count: items.length })];
  };
  const hugeText = config.huge_baskets === "cut" ? texts.noteHugeCut : texts.noteHuge;
  const hugeGaps = {
    count: huge.length,
    most: config.huge_basket_items,
    sizes: huge.slice(0, MOST_LISTED).join(texts.joint),
  };
  return [
    ...noteOf(excluded, texts.noteExcluded),
    ...noteOf(common, texts.noteCommon),
    ...(emptied === 0 ? [] : [phrase(texts.noteEmptied, { count: emptied })]),
    ...(huge.length === 0 ? [] : [phrase(hugeText, hugeGaps)]),
    ...(rarer === 0 ? [] : [phrase(texts.noteRarer, { most: MOST_SEQUENCE_ITEMS, count: rarer })]),
  ];
}

/** How many rules `models.json` names. */
const CARD_RULES = 20;

function card(study: BasketStudy, { config, level }: ToldBaskets) {
  const { found, rules, shown, sequences, goods } = study;
  const named = ({ antecedent, consequent, count, confidence, lift, qValue }: ValuedRule) => ({
    antecedent: setName(goods, antecedent),
    consequent: setName(goods, consequent),
    basket_count: count,
    confidence,
    lift,
    q_value: qValue,
  });
  return {
    name: "association-rules",
    settings: config,
    level,
    basket_count: found.basketCount,
    item_count: found.lengths.filter((length) => length === 1).length,
    min_count: found.minCount,
    itemset_count: found.size,
    rule_count: rules.length,
    tested_rule_count: study.testCount,
    shown_rule_count: shown.length,
    valued_rule_count: study.valuedCount,
    significant_rule_count: rules.filter(({ isSignificant }) => isSignificant).length,
    redundant_rule_count: rules.filter(({ isRedundant }) => isRedundant).length,
    sequence_count: sequences.length,
    tested_sequence_count: study.sequenceTests,
    sequence_left_out_count: study.sequenceLeftOut,
    excluded_item_count: study.excluded.length,
    unknown_names: study.unknown,
    common_items: study.common.map(({ name }) => name),
    emptied_basket_count: study.emptied,
    huge_basket_sizes: study.huge.slice(0, 100),
    strongest: shown.slice(0, CARD_RULES).map(named),
  };
}
