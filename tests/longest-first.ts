import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, so that none of them runs alone at the end; the cache that would know is not in a clone. */
const LONGEST = [
  "analyses/churn-runs",
  "readme",
  "analyses/churn",
  "cli/churn-file",
  "analyses/baskets-next-best",
  "cli/baskets",
  "cli/basket-offers",
  "analyses/baskets-offer-rules",
  "cli/rfm",
  "analyses/churn-lists",
  "analyses/value",
  "analyses/segments",
  "analyses/rfm",
  "analyses/value-contribution",
  "models/mbg-cnbd",
  "cli/segments-file",
  "cli/bad-input",
  "demo/truth",
  "cli/value",
  "models/boosted-trees",
  "analyses/value-subscriptions",
  "models/cluster-count",
  "models/pareto-nbd",
  "models/readable-tree",
];

/** Starts the longest files first, then the others by size. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(`/tests/${name}.test.ts`));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
