import { binomialSumTail } from "../math/binomial-sum.js";
import { falseDiscoveryRates } from "../math/false-discovery.js";
import { fisherUpperTail } from "../math/fisher-exact.js";

/** How many customers went from one product to a dearer one, and what that is held against. */
export interface Step {
  readonly buyerCount: number;
  /** Of those buyers who bought the dearer one instead, from some day on. */
  readonly movedCount: number;
  /** Of them who went the other way. */
  readonly backCount: number;
  /** Customers of the category without the product. */
  readonly otherCount: number;
  /** Of those who have the dearer one. */
  readonly otherNextCount: number;
}

/** The share of false steps that is allowed among those that are sure. */
const FALSE_SHARE = 0.05;

/**
 * Which steps up are surely none of chance: more of the buyers moved than others have the dearer product (Fisher's exact
 * test), and more moved up than down (sign test); what everybody buys fails the one, who buys much of everything the other.
 *
 * @param testCount how many steps could have been listed, where those that too few customers made are not
 * @returns true of a step that is among those of which at most one in twenty is expected to be false (Benjamini & Hochberg)
 * @see Berger (1982), "Multiparameter Hypothesis Testing and Acceptance Sampling", Technometrics 24(4): of two tests that must both hold the greater p-value is one
 */
export function sureSteps(steps: readonly Step[], testCount: number): boolean[] {
  const chances = Float64Array.from(steps, (step) => Math.max(popularityChance(step), orderChance(step)));
  return Array.from(falseDiscoveryRates(chances, testCount), (rate) => rate <= FALSE_SHARE);
}

/** The likelihood of so many who moved, were the dearer product as common among buyers as among the others. */
function popularityChance({ buyerCount, movedCount, otherCount, otherNextCount }: Step): number {
  const [total, marked] = [buyerCount + otherCount, movedCount + otherNextCount];
  return fisherUpperTail(movedCount, { total, marked, drawn: buyerCount });
}

/** The likelihood of so many upwards, were one way as likely as the other. */
function orderChance({ movedCount, backCount }: Step): number {
  const counts = Float64Array.of(movedCount + backCount);
  return binomialSumTail(movedCount, { counts, probabilities: Float64Array.of(0.5), size: 1 });
}
