/** What foretelling a probability costs, summed over rows with outcome 0 and with outcome 1, given their weights. */
export type OutcomeLoss = (negative: number, positive: number, probability: number) => number;

const costOf = (weight: number, probability: number) => (weight === 0 ? 0 : -weight * Math.log(probability));

/**
 * The losses that trees are grown and pruned by. At the rows' own rate, `gini` gives the Gini impurity and
 * `log-loss` the entropy in nats, each times the weight; half and half counts as outcome 0.
 */
export const OUTCOME_LOSSES = {
  misclassification: (negative, positive, probability) => (probability > 0.5 ? negative : positive),
  gini: (negative, positive, probability) =>
    2 * (negative * probability * probability + positive * (1 - probability) * (1 - probability)),
  "log-loss": (negative, positive, probability) =>
    costOf(negative, 1 - probability) + costOf(positive, probability),
} as const satisfies Readonly<Record<string, OutcomeLoss>>;

/** One of them. */
export type Risk = keyof typeof OUTCOME_LOSSES;
