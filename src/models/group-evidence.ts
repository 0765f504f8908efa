import { numberSql, quoteName, quoteText } from "../sql.js";
import type { Difference, NumberDifference } from "./group-differences.js";

/** Differences that chance makes more often than this say nothing. */
const SURE = 0.05;
/** A number tells no more than so many deviations from the middle between members and others. */
const FARTHEST = 3;

/**
 * How near somebody is to a group in what is known of them, as SQL over the attributes: the evidence of each word and number
 * that sets members apart, added up as logarithms of odds, as if they came independently. What is not known adds nothing.
 *
 * @see Good (1950), "Probability and the Weighing of Evidence"
 */
export function evidenceSql(differences: readonly Difference[]): string {
  const sure = differences.filter(({ pValue }) => pValue <= SURE);
  const attributes = [...new Set(sure.map(({ attribute }) => attribute))];
  const terms = attributes.flatMap((attribute) => {
    const own = sure.filter((difference) => difference.attribute === attribute);
    return [...own.flatMap((each) => (each.kind === "number" ? [numberTerm(each)] : [])), ...wordTerms(own)];
  });
  return terms.length === 0 ? "0e0" : terms.join(" + ");
}

/** With deviation s the difference of the means is d · s, and the logarithm of the odds rises by d / s for each unit. */
function numberTerm({ attribute, memberMean, otherMean, effect }: NumberDifference): string {
  const middle = (memberMean + otherMean) / 2;
  const deviation = (memberMean - otherMean) / effect.estimate;
  const apart = `(cast(${quoteName(attribute)} as double) - (${numberSql(middle)})) / ${numberSql(deviation)}`;
  const held = `greatest(${numberSql(-FARTHEST)}, least(${numberSql(FARTHEST)}, ${apart}))`;
  return `coalesce((${numberSql(effect.estimate)}) * ${held}, 0e0)`;
}

function wordTerms(differences: readonly Difference[]): string[] {
  const cases = differences.flatMap((difference) =>
    difference.kind === "word" && difference.word !== null
      ? [`when ${quoteText(difference.word)} then ${numberSql(Math.log(difference.effect.estimate))}`]
      : [],
  );
  return cases.length === 0
    ? []
    : [`case ${quoteName(differences[0]!.attribute)} ${cases.join(" ")} else 0e0 end`];
}
