import type { Retention } from "../models/shifted-beta-geometric.js";
import type { ModelCard } from "../section.js";
import type { PlanRetention, SubscriptionFindings } from "./value-subscriptions.js";

/**
 * A card for each model of retention, for `models.json`: most subscriptions first. Plans that share the model of all
 * plans with their interval have one card together, whose `plan` is null and whose gap is the largest of theirs.
 */
export function subscriptionCards({ retentions }: SubscriptionFindings): ModelCard[] {
  const own = retentions.filter(({ isPooled }) => !isPooled);
  const intervals = new Set(retentions.flatMap((plan) => (plan.isPooled ? plan.intervalDays : [])));
  const pooled = [...intervals].map((interval) =>
    pooledOf(retentions.filter(({ intervalDays }) => intervalDays === interval)),
  );
  return [...own, ...pooled]
    .toSorted((a, b) => b.subscriptionCount - a.subscriptionCount || a.intervalDays - b.intervalDays)
    .map(cardOf);
}

/** The model that plans share, learnt from all plans with the interval. */
function pooledOf(plans: readonly PlanRetention[]): PlanRetention {
  const sharing = plans.filter(({ isPooled }) => isPooled);
  return {
    ...sharing[0]!,
    subscriptionCount: plans.reduce((total, { subscriptionCount }) => total + subscriptionCount, 0),
    largestGap: Math.max(...sharing.map(({ largestGap }) => largestGap)),
    isDoubtful: sharing.some(({ isDoubtful }) => isDoubtful),
  };
}

/** No fit is kept that did not converge, and none is tried on the past. */
function cardOf(plan: PlanRetention): ModelCard {
  const { retention } = plan;
  return {
    name: retention.rung === "prior" ? "geometric" : retention.rung,
    plan: plan.isPooled ? null : plan.planName,
    interval_days: plan.intervalDays,
    parameters: parametersOf(retention),
    log_likelihood: retention.logLikelihood,
    row_count: plan.subscriptionCount,
    state_count: retention.lastRenewal,
    renewal_count: retention.renewalCount,
    lost_count: retention.lostCount,
    iterations: retention.iterations,
    converged: true,
    rung: retention.rung,
    largest_gap: plan.largestGap,
    doubtful: plan.isDoubtful,
    holdout: null,
    grade: null,
  };
}

/** By the papers' symbols. */
function parametersOf({ rung, alpha, beta, churn, shape }: Retention): Readonly<Record<string, number>> {
  if (rung === "shifted-beta-geometric") return { alpha, beta };
  return rung === "discrete-weibull" ? { theta: churn, c: shape } : { theta: churn };
}
