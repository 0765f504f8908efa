import { shareEstimate, Z_95, type Estimate } from "../math/estimate.js";
import { scoreTree } from "./cart.js";
import { areaUnderRoc } from "./ranking-quality.js";
import { fitReadableTree, type FittedTree } from "./readable-tree.js";
import { groupScores, positivesAmongFirst } from "./score-groups.js";
import { placesWhere, rowsAt, type TrainingSet } from "./training-set.js";

/** How likeness to a group is learnt. */
export interface LikenessSettings {
  readonly maxLeaves: number;
}

/** What tells members of a group from other customers, and how well it does. */
export interface Likeness {
  /** Fitted to all customers: what scores those who are not customers yet. */
  readonly fitted: FittedTree;
  /** Share of members among all customers: who is above it is more like a member than most. */
  readonly baseRate: number;
  readonly trial: LikenessTrial;
}

/** How a tree that knew the other customers alone did on those held out. */
export interface LikenessTrial {
  readonly heldCount: number;
  readonly heldMembers: number;
  /** The likest of them: as large a share as has a probability above the base rate by the tree fitted to all. */
  readonly listedCount: number;
  /** Members among these; where the last of them tie with others, what is to be expected if chance picks. */
  readonly listedMembers: number;
  /** Share of members among the listed. */
  readonly precision: Estimate;
  /** Times as many members among the listed as among those held out. */
  readonly lift: Estimate;
  /** Share of pairs of a member and another that are ranked rightly. */
  readonly area: Estimate;
  /** Whether the whole interval of the lift lies above 1. */
  readonly beatsChance: boolean;
}

/** Rows are held out by a hash of the customer, 0–999: those below this, and what is left in five folds. */
const HELD_BELOW = 300;
const FOLDS = 5;

/** Fewer members, or fewer others, are too few to learn from. */
export const LEAST_MEMBERS = 50;

/**
 * Learns to tell members of a group from other customers by a readable tree, tries that on three tenths of the customers,
 * chosen by hash, and fits it to all. The outcomes say who is a member.
 *
 * @param places a number from 0 to 999 for each row, by hash
 * @throws RangeError as `fitReadableTree`
 */
export function fitLikeness(
  training: TrainingSet,
  places: Int32Array,
  { maxLeaves }: LikenessSettings,
): Likeness {
  const { outcomes } = training;
  const held = placesWhere(outcomes.length, (row) => places[row]! < HELD_BELOW);
  const kept = placesWhere(outcomes.length, (row) => places[row]! >= HELD_BELOW);
  const foldsOf = (rows: ArrayLike<number>) => Int32Array.from(rows, (row) => places[row]! % FOLDS);
  const known = rowsAt(training, kept);
  const { tree } = fitReadableTree(known, foldsOf(kept), { maxLeaves });
  const asked = rowsAt(training, held);
  const every = placesWhere(outcomes.length, () => true);
  const fitted = fitReadableTree(training, foldsOf(every), { maxLeaves });
  const baseRate = countOf(outcomes) / outcomes.length;
  const scores = scoreTree(fitted.tree, training.features, outcomes.length);
  const listedShare = scores.filter((score) => score > baseRate).length / outcomes.length;
  return {
    fitted,
    baseRate,
    trial: triedOn(scoreTree(tree, asked.features, held.length), asked.outcomes, listedShare),
  };
}

const countOf = (outcomes: Uint8Array) => outcomes.reduce((sum, outcome) => sum + outcome, 0);

function triedOn(scores: Float64Array, outcomes: Uint8Array, listedShare: number): LikenessTrial {
  const [heldCount, heldMembers] = [outcomes.length, countOf(outcomes)];
  const listedCount = Math.round(listedShare * heldCount);
  const listedMembers = positivesAmongFirst(groupScores(scores, outcomes), [listedCount])[0]!;
  const lift = liftOf([listedMembers, listedCount], [heldMembers, heldCount]);
  return {
    heldCount,
    heldMembers,
    listedCount,
    listedMembers,
    precision: shareEstimate(listedMembers, listedCount),
    lift,
    area: areaUnderRoc(scores, outcomes),
    beatsChance: lift.low > 1,
  };
}

type Counted = readonly [members: number, count: number];

/**
 * Times as many members in a part as in the whole. The lift is 1 / (w + (1 − w) / r), with w the part's share of the whole
 * and r the ratio of the shares of members within and outside the part: its interval is that of r, by Katz, half a member
 * added where there is none. NaN without a part, without anybody outside it, or without a member.
 *
 * @see Katz, Baptista, Azen & Pike (1978), "Obtaining Confidence Intervals for the Risk Ratio in Cohort Studies", Biometrics 34
 */
export function liftOf([inside, part]: Counted, [members, whole]: Counted): Estimate {
  if (part === 0 || part === whole || members === 0) return { estimate: NaN, low: NaN, high: NaN };
  const outside = members - inside;
  const added = inside === 0 || outside === 0 ? 0.5 : 0;
  const [a, b] = [inside + added, outside + added];
  const [n, m] = [part + 2 * added, whole - part + 2 * added];
  const ratio = Math.log(a / n / (b / m));
  const reach = Z_95 * Math.sqrt(1 / a - 1 / n + 1 / b - 1 / m);
  const weight = part / whole;
  const liftAt = (logRatio: number) => 1 / (weight + (1 - weight) / Math.exp(logRatio));
  const estimate = inside / part / (members / whole);
  return {
    estimate,
    low: Math.min(estimate, liftAt(ratio - reach)),
    high: Math.max(estimate, liftAt(ratio + reach)),
  };
}
