import { valueWords } from "../code-words.js";
import { formatValue, type Locale } from "../format.js";
import type { Difference } from "../models/cluster-differences.js";
import { phrase } from "../phrase.js";
import { column, type SectionPart } from "../section-part.js";
import type { Chart, Headline, ModelCard, ShownTable, TextDocument } from "../section.js";
import { tableOf, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";
import { segmentCards } from "./segments-cards.js";
import type { SegmentFindings, SegmentSize } from "./segments-findings.js";
import { toldProfile } from "./segments-profile.js";
import { shownDifferences, shownFigures } from "./segments-shown.js";
import { leftOutOf, preparationTable } from "./segments-treatment.js";

/** Findings, and the words they are told in. */
export interface FindingsTelling {
  readonly findings: SegmentFindings;
  readonly texts: Texts;
  readonly locale: Locale;
  /** The rows of `results.segment_typical`. */
  readonly typical: Table;
  /** Those of `results.segment_movements`; undefined for a table without a past. */
  readonly movements: { readonly rows: Table; readonly date: string } | undefined;
  /** Columns that were not looked at, and why, in words. */
  readonly leftOut: readonly { readonly column: string; readonly reason: string }[];
  /** Further notes. */
  readonly notes: readonly string[];
  /** The assignment as a query. */
  readonly sql: string;
  /** A query of the profile tree from its columns. */
  readonly profileSql: (columns: Readonly<Record<string, string>>) => string;
}

/** What a section shows of clusters. */
export interface ClusterPart extends SectionPart {
  readonly models: readonly ModelCard[];
  readonly documents: readonly TextDocument[];
}

/** Clusters as a part of a section, with cards and documents. */
export function clusterPart(telling: FindingsTelling): ClusterPart {
  const { findings, sql } = telling;
  const told = findings.study.found === undefined ? undefined : toldProfile(telling);
  return {
    answer: answerOf(telling),
    headlines: headlinesOf(telling),
    charts: [
      ...(told === undefined ? [] : [sizeBars(telling), effectMap(telling)]),
      ...countCurves(telling),
      ...(told === undefined ? [] : [told.picture]),
    ],
    tables: [
      ...(told === undefined ? [] : [segmentTable(telling), typicalTable(telling)]),
      ...movementTable(telling),
      ...(told === undefined ? [] : [told.leaves, differenceTable(telling)]),
      preparationTable(telling),
    ],
    notes: notesOf(telling),
    models: segmentCards(findings, told?.sentences ?? []),
    documents: [{ name: "segments.sql", text: sql }, ...(told?.documents ?? [])],
  };
}

const whole = ({ locale }: FindingsTelling, count: number) => formatValue(count, "integer", locale);
const percent = ({ locale }: FindingsTelling, share: number) => formatValue(share, "percent", locale);
const two = (value: number) => (Number.isFinite(value) ? value.toFixed(2) : "–");

const most = (sizes: readonly SegmentSize[], by: (size: SegmentSize) => number) =>
  sizes.reduce((best, size) => (by(size) > by(best) ? size : best));

function answerOf(telling: FindingsTelling): string {
  const { findings, texts } = telling;
  const { study, segments, sizes, hasMoney } = findings;
  const customers = whole(telling, study.source.rowCount);
  if (study.found === undefined)
    return phrase(texts.segments.answerNone[study.source.rowCount === 1 ? "one" : (study.why ?? "none")], {
      customers,
    });
  const nameOf = (id: number) => segments.find((segment) => segment.id === id)!.name;
  const [largest, richest] = [most(sizes, ({ count }) => count), most(sizes, ({ money }) => money)];
  return phrase(hasMoney ? texts.segments.answer : texts.segments.answerNoMoney, {
    ...{
      customers,
      count: sizes.length,
      largest: nameOf(largest.id),
      share: percent(telling, largest.share),
    },
    ...{ richest: nameOf(richest.id), moneyShare: percent(telling, richest.moneyShare) },
  });
}

function headlinesOf(telling: FindingsTelling): Headline[] {
  const { findings, texts } = telling;
  const { study } = findings;
  const words = texts.segments;
  const customers = customersHeadline(telling);
  if (study.found === undefined) return [customers, { label: words.count, value: 0, format: "integer" }];
  const { clusters, silhouette, tree } = study.found;
  const trial = study.choice.trials.find(({ k }) => k === clusters.k);
  const isAsked = study.config.k !== undefined;
  return [
    customers,
    {
      label: words.count,
      value: clusters.k,
      format: "integer",
      note: isAsked ? words.countAsked : words.countNote,
    },
    {
      label: words.silhouette,
      value: two(silhouette),
      format: "text",
      note: phrase(words.silhouetteNote, {
        comparable: two(trial?.comparableSilhouette ?? NaN),
        reference: two(trial?.referenceSilhouette ?? NaN),
      }),
    },
    {
      label: words.stability,
      value: two(trial?.stability ?? NaN),
      format: "text",
      note: words.stabilityNote,
    },
    {
      label: words.profile,
      value: tree.accuracy,
      format: "percent",
      note: phrase(words.profileNote, { majority: percent(telling, tree.majorityShare) }),
    },
  ];
}

function customersHeadline(telling: FindingsTelling): Headline {
  const { findings, texts } = telling;
  return {
    label: texts.segments.customers,
    value: findings.study.source.rowCount,
    format: "integer",
    note: phrase(texts.segments.customersNote, { sampled: whole(telling, findings.study.sampleCount) }),
  };
}

/** Segments by their number, with their sizes. */
const sized = ({ findings: { segments, sizes } }: FindingsTelling) =>
  segments
    .map((segment, cluster) => ({ ...segment, cluster, size: sizes.find(({ id }) => id === segment.id) }))
    .toSorted((a, b) => a.id - b.id);

function sizeBars(telling: FindingsTelling): Chart {
  const { segments: texts } = telling.texts;
  const rows = sized(telling);
  return {
    kind: "bars",
    title: texts.sizes,
    rows: tableOf({
      name: rows.map(({ id, name }) => `${id} ${name}`),
      count: Float64Array.from(rows, ({ size }) => size?.count ?? 0),
    }),
    label: column("name", texts.segment, "text"),
    value: column("count", texts.customers, "integer"),
  };
}

const MOST_MAPPED = 8;

/** Segment by feature: the effects of the features that differ most. */
function effectMap(telling: FindingsTelling): Chart {
  const { findings, texts } = telling;
  const { differences } = findings.study.found!;
  const greatest = new Map<string, number>();
  for (const { feature, word, effect } of differences.flat())
    if (word === undefined) greatest.set(feature, Math.max(greatest.get(feature) ?? 0, Math.abs(effect)));
  const used = (name: string) => findings.study.preparation.features.some((feature) => feature.name === name);
  const names = [...greatest]
    .filter(([name]) => used(name))
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, MOST_MAPPED)
    .map(([name]) => name);
  const labelOf = labeller(telling);
  const cells = sized(telling).flatMap(({ id, cluster }) =>
    names.map((feature) => ({
      ...{ segment: id, feature: labelOf(feature) },
      effect:
        differences[cluster]!.find((one) => one.feature === feature && one.word === undefined)?.effect ?? NaN,
    })),
  );
  return {
    kind: "heat-map",
    title: texts.segments.map,
    caption: phrase(texts.segments.mapCaption, { count: names.length }),
    rows: tableOf({
      segment: Float64Array.from(cells, ({ segment }) => segment),
      feature: cells.map(({ feature }) => feature),
      effect: Float64Array.from(cells, ({ effect }) => effect),
    }),
    x: column("segment", texts.segments.columns.segment, "integer"),
    y: column("feature", texts.segments.feature, "text"),
    value: column("effect", texts.segments.effect, "decimal"),
  };
}

const labeller =
  ({ findings }: FindingsTelling) =>
  (name: string) =>
    findings.study.source.features.find((feature) => feature.name === name)?.label ?? name;

function countCurves(telling: FindingsTelling): Chart[] {
  return telling.findings.study.choice.trials.length < 2 ? [] : [qualityCurve(telling), elbowCurve(telling)];
}

function qualityCurve({ findings, texts: { segments: words } }: FindingsTelling): Chart {
  const { trials, isOfNumbers } = findings.study.choice;
  const lines = trials.flatMap(({ k, silhouette, referenceSilhouette, stability }) => [
    { line: words.silhouetteLine, k, value: silhouette },
    { line: words.referenceLine, k, value: referenceSilhouette },
    { line: words.stabilityLine, k, value: stability },
  ]);
  return {
    kind: "curve",
    title: words.curve,
    caption: phrase(isOfNumbers ? words.curveCaptionOfNumbers : words.curveCaption, {
      chosen: findings.study.found?.clusters.k ?? words.chosenNone,
    }),
    rows: tableOf({
      k: Float64Array.from(lines, ({ k }) => k),
      value: Float64Array.from(lines, ({ value }) => value),
      line: lines.map(({ line }) => line),
    }),
    x: column("k", words.numberOf, "integer"),
    y: column("value", words.measure, "decimal"),
    line: column("line", "", "text"),
  };
}

function elbowCurve({ findings, texts: { segments: words } }: FindingsTelling): Chart {
  const { trials, totalInertia } = findings.study.choice;
  return {
    kind: "curve",
    title: words.elbow,
    caption: words.elbowCaption,
    rows: tableOf({
      k: Float64Array.from([1, ...trials.map(({ k }) => k)]),
      inertia: Float64Array.from([1, ...trials.map(({ inertia }) => inertia / totalInertia)]),
    }),
    x: column("k", words.numberOf, "integer"),
    y: column("inertia", words.spread, "percent"),
  };
}

/** Differences named in a sentence. */
const MOST_TOLD = 4;
const LEAST_TOLD = 0.2;

function segmentTable(telling: FindingsTelling): ShownTable {
  const { findings, texts } = telling;
  const words = texts.segments;
  const rows = sized(telling);
  const number = (of: (size: SegmentSize) => number) =>
    Float64Array.from(rows, ({ size }) => (size === undefined ? NaN : of(size)));
  const { differences } = findings.study.found!;
  const money = [column("money", words.money, "money"), column("money_share", words.moneyShare, "percent")];
  return {
    name: "segments",
    title: words.segmentsTable,
    caption: findings.hasMoney ? words.segmentsCaption : words.segmentsCaptionNoMoney,
    rows: tableOf({
      id: Float64Array.from(rows, ({ id }) => id),
      segment: rows.map(({ name }) => name),
      ...{ customers: number(({ count }) => count), share: number(({ share }) => share) },
      ...{ money: number((size) => size.money), money_share: number((size) => size.moneyShare) },
      different: rows.map(({ cluster }) => differencesText(differences[cluster]!, telling)),
    }),
    columns: [
      column("id", words.id, "integer"),
      column("segment", words.segment, "text"),
      column("customers", words.customers, "integer"),
      column("share", words.share, "percent"),
      ...(findings.hasMoney ? money : []),
      column("different", words.different, "text"),
    ],
  };
}

function differencesText(differences: readonly Difference[], telling: FindingsTelling): string {
  return shownHere(differences, telling)
    .filter(({ effect }) => Math.abs(effect) >= LEAST_TOLD)
    .slice(0, MOST_TOLD)
    .map((difference) => {
      const { here, overall, feature, word } = shownDifference(difference, telling);
      const { segments: words } = telling.texts;
      return phrase(word === undefined ? words.difference : words.differenceWord, {
        feature,
        here,
        overall,
        word: word ?? "",
      });
    })
    .join(telling.texts.segments.listed);
}

const shownHere = (differences: readonly Difference[], { findings, locale }: FindingsTelling) =>
  shownDifferences(differences, findings.study.source.features, locale);

function shownDifference(difference: Difference, telling: FindingsTelling) {
  const { feature, word } = difference;
  return {
    feature: labeller(telling)(feature),
    ...(word === undefined
      ? {}
      : {
          word: word === null ? telling.texts.segments.unknownWord : valueWords(feature, word, telling.texts),
        }),
    ...shownFigures(difference, telling.findings.study.source.features, telling.locale),
  };
}

/** Differences of each segment in the detailed table. */
const MOST_DETAILED = 12;

function differenceTable(telling: FindingsTelling): ShownTable {
  const { differences } = telling.findings.study.found!;
  const { segments: words } = telling.texts;
  const rows = sized(telling).flatMap(({ name, cluster }) =>
    shownHere(differences[cluster]!, telling)
      .filter(({ effect }) => Math.abs(effect) >= LEAST_TOLD)
      .slice(0, MOST_DETAILED)
      .map((difference) => ({
        segment: name,
        effect: difference.effect,
        ...shownDifference(difference, telling),
      })),
  );
  return {
    name: "differences",
    title: words.differences,
    caption: words.differencesCaption,
    isDetail: true,
    rows: tableOf({
      segment: rows.map(({ segment }) => segment),
      feature: rows.map(({ feature, word }) => (word === undefined ? feature : `${feature}: ${word}`)),
      here: rows.map(({ here }) => here),
      overall: rows.map(({ overall }) => overall),
      effect: Float64Array.from(rows, ({ effect }) => effect),
    }),
    columns: [
      column("segment", words.segment, "text"),
      column("feature", words.feature, "text"),
      column("here", words.here, "text"),
      column("overall", words.overall, "text"),
      column("effect", words.effect, "decimal"),
    ],
  };
}

function typicalTable({ texts: { segments: words }, typical, findings }: FindingsTelling): ShownTable {
  const hasNames = [...typical.getChild("customer_name")!].some((name) => name !== null);
  return {
    name: "typical",
    title: words.typical,
    caption: words.typicalCaption,
    isDetail: true,
    rows: typical,
    columns: [
      column("segment_name", words.segment, "text"),
      column("customer_key", words.customerKey, "text"),
      ...(hasNames ? [column("customer_name", words.customer, "text")] : []),
      ...(findings.hasMoney ? [column("total_amount", words.money, "money")] : []),
      column("distance", words.distance, "decimal"),
    ],
  };
}

function movementTable(telling: FindingsTelling): ShownTable[] {
  const { movements, texts, findings } = telling;
  if (movements === undefined || movements.rows.numRows === 0) return [];
  const { segments: words } = texts;
  const before = new Map(findings.previous.map(({ id, name }) => [id, name]));
  const now = new Map(findings.segments.map(({ id, name }) => [id, name]));
  const ids = (name: string) => [...movements.rows.getChild(name)!] as number[];
  const value = (name: string) => Float64Array.from([...movements.rows.getChild(name)!], Number);
  return [
    {
      name: "segment-movements",
      title: words.movements,
      caption: phrase(words.movementsCaption, { date: movements.date }),
      rows: tableOf({
        from: ids("previous_segment").map((id) =>
          id === 0 ? words.newToBase : (before.get(id) ?? String(id)),
        ),
        to: ids("segment").map((id) => (id === 0 ? words.goneFromBase : (now.get(id) ?? String(id)))),
        ...{ count: value("customer_count"), before: value("previous_amount"), after: value("total_amount") },
      }),
      columns: [
        column("from", words.from, "text"),
        column("to", words.to, "text"),
        column("count", words.customers, "integer"),
        column("before", words.amountThen, "money"),
        column("after", words.amountNow, "money"),
      ],
    },
  ];
}

/** Columns that a pipeline leaves out (of a table they are told beside what was read), and those that were named although they have to do with no other. */
function featureNotes(telling: FindingsTelling): string[] {
  const { segments: words } = telling.texts;
  const { unrelated } = telling.findings.study.preparation;
  const leftOut = telling.movements === undefined ? [] : leftOutOf(telling);
  const out = leftOut.map(({ column: name, reason }) =>
    phrase(words.leftOutColumn, { column: name, reason }),
  );
  const named = unrelated.map(labeller(telling));
  return [
    ...(out.length === 0
      ? []
      : [phrase(words.notes.leftOut, { count: out.length, columns: out.join(words.listed) })]),
    ...(named.length === 0
      ? []
      : [phrase(words.notes.unrelated, { columns: named.join(telling.texts.churn.tree.listed) })]),
  ];
}

/** What the data says by itself, where the number of segments was asked for. */
function askedNotes({ findings: { study }, texts: { segments } }: FindingsTelling): string[] {
  const { k } = study.choice;
  if (study.found === undefined || study.config.k === undefined || k === study.config.k) return [];
  const isTried = study.choice.trials.length > 0;
  return k === 0
    ? [isTried ? segments.notes.unclear : segments.notes.untried]
    : [phrase(segments.notes.otherCount, { asked: study.config.k, count: k })];
}

/** A centre that went farther, in standard deviations, has moved. */
const DRIFTED = 0.25;
/** Segments with less of a silhouette are not sharply apart. */
const WEAK = 0.25;

function notesOf(telling: FindingsTelling): string[] {
  const { findings, texts } = telling;
  const { study, segments, changes } = findings;
  const words = texts.segments.notes;
  const nameOf = (id: number) => segments.find((segment) => segment.id === id)?.name ?? String(id);
  const counts = {
    sampled: whole(telling, study.sampleCount),
    customers: whole(telling, study.source.rowCount),
  };
  const drifts = segments.filter(({ drift, driftedIn }) => drift > DRIFTED && driftedIn !== undefined);
  return [
    ...(study.sampleCount < study.source.rowCount ? [phrase(words.sampled, counts)] : []),
    ...featureNotes(telling),
    ...askedNotes(telling),
    ...(study.found !== undefined && study.found.silhouette < WEAK ? [words.weak] : []),
    ...(study.found === undefined || study.combinationCount === undefined
      ? []
      : [phrase(words.combinations, { ...counts, count: whole(telling, study.combinationCount) })]),
    ...(study.found === undefined ? [] : [words.simplified]),
    ...(telling.movements === undefined || study.found === undefined ? [] : [words.stable]),
    ...segments
      .filter(({ nameBefore }) => nameBefore !== undefined)
      .map(({ id, name, nameBefore }) => phrase(words.renamed, { id, segment: name, before: nameBefore! })),
    ...drifts.map(({ name, driftedIn }) =>
      phrase(words.drift, { segment: name, feature: labeller(telling)(driftedIn!.feature) }),
    ),
    ...changes.splits.map(({ from, to, share }) =>
      phrase(words.split, { from: nameOf(from), to: nameOf(to), share: percent(telling, share) }),
    ),
    ...changes.merges.map(({ from, to, share }) =>
      phrase(words.merge, { from, to: nameOf(to), share: percent(telling, share) }),
    ),
    ...telling.notes,
  ];
}
