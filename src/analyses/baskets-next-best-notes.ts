import { poissonTwoSided } from "../math/poisson.js";
import type { OfferResult } from "../models/offer-trial.js";
import { phrase } from "../phrase.js";
import { unknownClauses } from "./baskets-names.js";
import { percent, resultOf, whole, type Told } from "./baskets-next-best-told.js";

/** What to know of the offers. */
export function notes(told: Told): string[] {
  const words = told.context.texts.nextBest.notes;
  const { config, lack, unknown, testDate, money: basis } = told.findings;
  const { hasMoney } = told.basis;
  if (lack === "customers") return [];
  const { noteUnknown, joint } = told.context.texts.baskets;
  const model = resultOf(told, "model");
  const gaps = { days: config.horizon_days, date: testDate ?? "" };
  return [
    ...(hasMoney ? [] : [words.unpriced]),
    ...(hasMoney && basis.isRevenue ? [words.revenue] : []),
    ...(hasMoney && basis.meanRateCount > 0
      ? [
          phrase(words.meanRate, {
            count: whole(told, basis.meanRateCount),
            rate: percent(told, basis.meanRate),
          }),
        ]
      : []),
    ...(lack === "history" ? [] : [phrase(words.probability, gaps)]),
    ...(model === undefined ? [] : [choiceNote(told)]),
    words.exclusions,
    ...withoutNote(told),
    ...(unknown.length === 0 ? [] : [phrase(noteUnknown, { names: unknownClauses(unknown).join(joint) })]),
    ...(model === undefined
      ? []
      : [levelNote(told, resultOf(told, told.findings.verdict.ships) ?? model), ...sampleNote(told, model)]),
  ];
}

/** How many customers have no offer, and why. */
function withoutNote(told: Told): string[] {
  const { notes: words, contenders } = told.context.texts.nextBest;
  const { config, verdict } = told.findings;
  const { buyerCount, customerCount } = told.sums;
  if (customerCount >= buyerCount) return [];
  return [
    phrase(words.without, {
      way: contenders[verdict.ships],
      of: whole(told, buyerCount),
      count: whole(told, buyerCount - customerCount),
      least: percent(told, config.min_probability),
      days: config.horizon_days,
    }),
  ];
}

/** For how many customers the past was looked at, where not for all. */
function sampleNote(told: Told, { customerCount }: OfferResult): string[] {
  const { sample, testDate } = told.findings;
  if (sample === undefined) return [];
  return [
    phrase(told.context.texts.nextBest.notes.sample, {
      date: testDate ?? "",
      count: whole(told, sample.ofCount),
      share: percent(told, sample.share),
      tried: whole(told, customerCount),
    }),
  ];
}

/** A difference from the prediction that comes less often by chance is told as one of the probabilities. */
const CHANCE = 0.05;

/** How many purchases of what is offered were predicted, and how many were made; what to do about it where chance would not do that. */
function levelNote(told: Told, { expectedCount, cameCount }: OfferResult): string {
  const { context, findings } = told;
  const words = context.texts.nextBest.notes;
  const gap = expectedCount === 0 ? 0 : cameCount / expectedCount - 1;
  const isChance = poissonTwoSided(cameCount, expectedCount) >= CHANCE;
  return phrase(isChance ? words.asPredicted : gap > 0 ? words.more : words.fewer, {
    days: findings.config.horizon_days,
    date: findings.testDate ?? "",
    expected: whole(told, Math.round(expectedCount)),
    came: whole(told, cameCount),
    gap: percent(told, Math.abs(gap)),
  });
}

/** On which period was decided what is offered, and what the last one changed. */
function choiceNote({ context, findings }: Told): string {
  const { notes: words, contenders } = context.texts.nextBest;
  const { choiceDate, choice, verdict, config } = findings;
  if (choiceDate === undefined) return words.unchosen;
  const gaps = {
    date: choiceDate,
    days: config.horizon_days,
    chosen: contenders[choice.ships],
    rival: contenders[choice.rival],
  };
  return phrase(verdict.ships === choice.ships ? words.choice : words.overruled, gaps);
}
