import { formatValue } from "../format.js";
import { MEASURES, scoreRange, type Measure } from "../models/rfm-scores.js";
import { phrase } from "../phrase.js";
import type { Format } from "../section.js";
import { tableOf, type Table } from "../table.js";
import type { Vocabulary } from "../vocabulary.js";
import type { RfmContext, Scale } from "./rfm-config.js";

/** Name, definition and suggested action of every segment, in the order of the vocabulary. */
export function labelRows(context: RfmContext, scale: Scale): Table {
  const { language } = context.run;
  const segments = Object.entries(scale.vocabulary.segments);
  return tableOf({
    place: Float64Array.from(segments, (_, place) => place + 1),
    segment: segments.map(([name]) => name),
    segment_label: segments.map(([, { label }]) => label[language]),
    levels: segments.map(([, { where }]) => where.map(levelWords).join(" / ")),
    definition: segments.map(([, { where }]) =>
      where.map((box) => definition(context, scale, box)).join(" / "),
    ),
    action: segments.map(([, { action }]) => action[language]),
  });
}

type Box = Vocabulary["segments"][string]["where"][number];

/** A box of levels in short: "R4–5 F5". */
function levelWords(box: Box): string {
  const named = MEASURES.flatMap((measure) => {
    const range = box[measure];
    if (range === undefined) return [];
    const letter = measure.charAt(0).toUpperCase();
    return [range.low === range.high ? `${letter}${range.low}` : `${letter}${range.low}–${range.high}`];
  });
  return named.join(" ");
}

/** A box of levels in the units of the measures: "R 4–5 (last order up to 180 days), F 5 (orders more than 7)". */
function definition(context: RfmContext, scale: Scale, box: Box): string {
  const parts = MEASURES.flatMap((measure) => {
    const range = box[measure];
    if (range === undefined) return [];
    const letter = measure.charAt(0).toUpperCase();
    if (scale.vocabulary.levels === 2)
      return [middleWords(context, scale, { measure, isHigh: range.low === 2 })];
    const scores = scoresOf(range, scale.config.bins);
    const levels = scores.low === scores.high ? `${scores.low}` : `${scores.low}–${scores.high}`;
    const words = rangeWords(context, measure, limitsOf(scale, measure, scores));
    const scored = `${letter} ${levels}`;
    if (words === undefined) return [scored];
    const { short, scored: template } = context.texts.rfm;
    return [phrase(template, { scores: scored, measure: short[measure], words })];
  });
  return parts.join(context.texts.rfm.joined);
}

interface ScoreSpan {
  readonly low: number;
  readonly high: number;
}

/** The scores that a vocabulary's levels of one to five stand for when there are other than five bins. */
function scoresOf(levels: ScoreSpan, bins: number): ScoreSpan {
  const scores = Array.from({ length: bins }, (_, i) => i + 1);
  const inside = scores.filter((score) => {
    const level = Math.ceil((score * 5) / bins);
    return level >= levels.low && level <= levels.high;
  });
  return { low: inside[0] ?? 0, high: inside.at(-1) ?? 0 };
}

interface Limits {
  readonly above?: number | undefined;
  readonly upTo?: number | undefined;
}

function limitsOf({ cuts }: Scale, measure: Measure, { low, high }: ScoreSpan): Limits | undefined {
  if (cuts[measure].length === 0 || low === 0) return undefined;
  const [first, last] = measure === "recency" ? [high, low] : [low, high];
  return {
    above: scoreRange(measure, first, cuts[measure]).above,
    upTo: scoreRange(measure, last, cuts[measure]).upTo,
  };
}

/** A stretch of a measure: "more than 5 up to 9"; undefined without limits. */
export function rangeWords(
  context: RfmContext,
  measure: Measure,
  limits: Limits | undefined,
): string | undefined {
  if (limits === undefined) return undefined;
  const { rfm } = context.texts;
  // Days and orders are whole: more than 258.4 is more than 258.
  const value = (x: number) => measureWords(context, measure, measure === "monetary" ? x : Math.floor(x));
  if (limits.above !== undefined && limits.upTo !== undefined) {
    return phrase(rfm.rangeBetween, { above: value(limits.above), upTo: value(limits.upTo) });
  }
  if (limits.above !== undefined) return phrase(rfm.rangeAbove, { above: value(limits.above) });
  return limits.upTo === undefined ? rfm.anyValue : phrase(rfm.rangeUpTo, { upTo: value(limits.upTo) });
}

/** A value of a measure with its unit. */
export function measureWords(context: RfmContext, measure: Measure, value: number): string {
  if (measure === "monetary") return shown(context, value, "money");
  const number = shown(context, value, Number.isInteger(value) ? "integer" : "decimal");
  return measure === "recency" ? phrase(context.texts.rfm.days, { days: number }) : number;
}

function middleWords(
  context: RfmContext,
  { middles }: Scale,
  { measure, isHigh }: { measure: Measure; isHigh: boolean },
): string {
  const sign = (measure === "recency") === isHigh ? "≤" : "≥";
  const strict = isHigh ? sign : sign === "≤" ? "<" : ">";
  return `${context.texts.rfm.short[measure]} ${strict} ${measureWords(context, measure, middles[measure])}`;
}

/** A number as people read it in the run's language and currency. */
export function shown({ run }: RfmContext, value: number, format: Format): string {
  return formatValue(value, format, { language: run.language, currency: run.currency ?? "" });
}
