import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, so that none of them runs alone at the end; the cache that would know is not in a clone. */
const LONGEST = [
  "cli/churn-file",
  "analyses/churn-runs",
  "readme",
  "analyses/churn",
  "analyses/baskets-next-best",
  "analyses/value",
  "analyses/value-contribution",
  "models/boosted-trees",
  "analyses/segments",
  "analyses/churn-lists",
  "models/readable-tree",
  "analyses/value-subscriptions",
  "cli/basket-offers",
  "models/mbg-cnbd",
  "cli/segments-file",
  "steps/unify",
  "analyses/baskets-offer-rules",
  "demo/truth",
  "cli/value",
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
