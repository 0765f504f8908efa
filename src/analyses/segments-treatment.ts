import { formatValue } from "../format.js";
import type { DroppedFeature, PreparedFeature } from "../models/cluster-features.js";
import { phrase } from "../phrase.js";
import { column } from "../section-part.js";
import type { ShownTable } from "../section.js";
import { tableOf } from "../table.js";
import { plainNumber } from "../tree-words.js";
import type { FindingsTelling } from "./segments-section.js";

/** What was done to each feature, and which were left out and why. */
export function preparationTable(telling: FindingsTelling): ShownTable {
  const { findings, texts } = telling;
  const { features } = findings.study.preparation;
  const { segments: words } = texts;
  const labelOf = (name: string) =>
    findings.study.source.features.find((one) => one.name === name)?.label ?? name;
  const rows = [
    ...features.map((feature) => ({
      feature: labelOf(feature.name),
      treatment: treatmentOf(feature, telling),
    })),
    ...leftOutOf(telling).map(({ column: name, reason }) => ({
      feature: name,
      treatment: phrase(words.leftOut, { reason }),
    })),
  ];
  return {
    name: "treatment",
    title: words.made,
    caption: words.madeCaption,
    isDetail: true,
    rows: tableOf({
      feature: rows.map(({ feature }) => feature),
      treatment: rows.map(({ treatment }) => treatment),
    }),
    columns: [column("feature", words.feature, "text"), column("treatment", words.treatment, "text")],
  };
}

/** A column that segments were not found from, and why, in words. */
export interface LeftOutColumn {
  readonly column: string;
  readonly reason: string;
}

/** The columns that were left out: those that were not looked at, and those that the study dropped. */
export function leftOutOf({
  findings: { study },
  texts: { segments: words },
  leftOut,
}: Pick<FindingsTelling, "findings" | "texts" | "leftOut">): LeftOutColumn[] {
  const labelOf = (name: string) => study.source.features.find((one) => one.name === name)?.label ?? name;
  const dropped = study.preparation.dropped.map(({ name, reason, like }: DroppedFeature) => ({
    column: labelOf(name),
    reason: phrase(words.dropped[reason], { like: labelOf(like ?? "") }),
  }));
  return [...leftOut, ...dropped];
}

function treatmentOf(feature: PreparedFeature, { texts, locale, findings }: FindingsTelling): string {
  const { segments: words } = texts;
  const number = (value: number) => plainNumber(Number(value.toPrecision(4)), locale);
  const weighed = feature.weight === 1 ? [] : [phrase(words.weighed, { weight: number(feature.weight) })];
  if (feature.kind === "category") {
    const named = feature.words.map((word) => word ?? words.unknownWord);
    return [phrase(words.oneHot, { words: named.join(texts.churn.tree.listed) }), ...weighed].join(
      words.listed,
    );
  }
  const { unit, centre, spread, limit, missingShare, fill } = feature;
  const isScaled = findings.study.config.scale !== "none";
  const parts = [
    ...(missingShare > 0
      ? [phrase(words.filled, { share: formatValue(missingShare, "percent", locale), fill: number(fill) })]
      : []),
    ...(unit === null ? [] : [phrase(words.logarithm, { unit: number(unit) })]),
    ...(isScaled ? [phrase(words.scaled, { centre: number(centre), spread: number(spread) })] : []),
    ...(limit === null ? [] : [phrase(words.limited, { limit: number(limit) })]),
    ...weighed,
  ];
  return parts.length === 0 ? words.notScaled : parts.join(words.listed);
}
