import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binTraining, everyRow, growTree, treeSettings } from "../../src/models/cart.js";
import {
  collapseComplexities,
  complexityFor,
  leavesAt,
  prunedTree,
  pruningSteps,
} from "../../src/models/cart-pruning.js";
import { growOnBins, weightsAtNodes } from "../../src/models/tree-growth.js";
import type { TrainingSet } from "../../src/models/training-set.js";
import type { Tree } from "../../src/models/tree.js";
import { CHURN_NOTE, HAS_CHURN_SETS } from "./churn-sets.js";
import { readEncodedSet, readReference } from "./churn-reference.js";
import { randomSet } from "./random-rows.js";

interface RpartTable {
  readonly root_error: number;
  readonly cptable: readonly Readonly<Record<"CP" | "nsplit" | "rel error" | "xerror" | "xstd", number>>[];
}

/** As rpart: ties go to the first column, not the first name; and what equals a cut goes to the larger values' side. */
const asRpart = ({ features, outcomes }: TrainingSet): TrainingSet => ({
  features: features.flatMap((feature, place) =>
    feature.kind === "category"
      ? []
      : [{ ...feature, name: String(place).padStart(3, "0"), values: feature.values.map((value) => -value) }],
  ),
  outcomes,
});

/** A branch as rpart sees it when it is done with it. */
interface RpartBranch {
  readonly risk: number;
  readonly splitCount: number;
}

/**
 * The complexities as `partition` and `fix_cp` of rpart find them in one pass: of a branch below a child only what
 * still stands when the child goes is counted, also where the parent goes before it. Breiman's weakest link is larger
 * there. Of two children rpart's left one has the lower rate.
 */
function rpartComplexities({ nodes }: Tree, least: number): Float64Array {
  const root = nodes[0]!;
  const alpha = least * root.weight;
  const risks = nodes.map(({ weight, positiveWeight }) => Math.min(positiveWeight, weight - positiveWeight));
  const complexities = new Float64Array(nodes.length).fill(Infinity);
  const done = (place: number): RpartBranch => {
    complexities[place] = alpha;
    return { risk: risks[place]!, splitCount: 0 };
  };
  const partition = (place: number, most: number): RpartBranch => {
    const risk = risks[place]!;
    const { split, left, right } = nodes[place]!;
    const bound = Math.min(risk, most);
    if (split === undefined || bound <= alpha) return done(place);
    const [low, high] = nodes[left]!.value < nodes[right]!.value ? [left, right] : [right, left];
    let ofLow = partition(low, bound - alpha);
    const better = Math.max((risk - ofLow.risk) / (ofLow.splitCount + 1), risk - risks[low]!);
    let ofHigh = partition(high, Math.min(better, most) - alpha);
    const complexity = () => (risk - ofLow.risk - ofHigh.risk) / (ofLow.splitCount + ofHigh.splitCount + 1);
    const dropLow = () => complexity() > complexities[low]! && (ofLow = { risk: risks[low]!, splitCount: 0 });
    const dropHigh = () =>
      complexity() > complexities[high]! && (ofHigh = { risk: risks[high]!, splitCount: 0 });
    if (complexities[high]! > complexities[low]!) void (dropLow() && dropHigh());
    else void (dropHigh() && dropLow());
    complexities[place] = complexity();
    if (complexities[place]! <= alpha) return done(place);
    return { risk: ofLow.risk + ofHigh.risk, splitCount: ofLow.splitCount + ofHigh.splitCount + 1 };
  };
  partition(0, risks[0]!);
  nodes.forEach(({ parent }, place) => {
    const above = parent < 0 ? Infinity : complexities[parent]!;
    complexities[place] = Math.min(complexities[place]!, above);
  });
  return complexities.map((complexity) => (complexity <= alpha ? 0 : complexity / root.weight));
}

/** rpart's settings: Gini, minsplit 20, minbucket 7, maxdepth 30, cp 0.0005, groups by fold. */
function ourTable(name: "telco" | "iranian", rootError: number) {
  const { training: encoded, folds } = readEncodedSet(name);
  const training = asRpart(encoded);
  const limits = { maxDepth: 30, maxLeaves: Infinity, minLeafWeight: 7, minSplitWeight: 20 };
  const settings = treeSettings({ criterion: "gini", isFine: true, ...limits });
  const binned = binTraining(training, settings);
  const every = everyRow(binned);
  const trials = [...new Set(folds)].map((fold) => {
    const tree = growOnBins(
      binned,
      every.filter((row) => folds[row] !== fold),
      settings,
    );
    return {
      tree,
      heldWeights: weightsAtNodes(
        tree,
        binned,
        every.filter((row) => folds[row] === fold),
      ),
    };
  });
  const least = 0.0005 * rootError;
  const complexitiesOf = (tree: Tree) => rpartComplexities(tree, least);
  const measure = { risk: "misclassification", least, complexitiesOf } as const;
  return pruningSteps(growOnBins(binned, every, settings), trials, measure).map((step) => ({
    CP: step.complexity / rootError,
    nsplit: step.leafCount - 1,
    "rel error": step.risk / rootError,
    xerror: step.heldOutRisk / rootError,
    xstd: step.heldOutError / rootError,
  }));
}

describe.skipIf(!HAS_CHURN_SETS)(`the cost-complexity table of rpart 4.1.19${CHURN_NOTE}`, () => {
  test.each(["telco", "iranian"] as const)("of %s is reproduced within rounding", (name) => {
    const { root_error, cptable } = readReference<RpartTable>(`rpart_cptable_${name}.json`);
    const ours = ourTable(name, root_error);
    expect(ours.map(({ nsplit }) => nsplit)).toEqual(cptable.map(({ nsplit }) => nsplit));
    cptable.forEach((row, i) => {
      for (const column of ["CP", "rel error", "xerror", "xstd"] as const)
        expect(ours[i]![column], `${column} of row ${i}`).toBeCloseTo(row[column], 9);
    });
  });
});

describe("weakest links", () => {
  test("a split that saves nothing is worth no complexity, and what is below it goes with it", () => {
    const leaf = { left: -1, right: -1 };
    const split = { kind: "number", feature: "x", threshold: 0, missingGoesLeft: true } as const;
    const tree = {
      nodes: [
        { split, left: 1, right: 2, parent: -1, weight: 8, positiveWeight: 4, value: 0.5 },
        { split, left: 3, right: 4, parent: 0, weight: 4, positiveWeight: 4, value: 1 },
        { ...leaf, parent: 0, weight: 4, positiveWeight: 0, value: 0 },
        { ...leaf, parent: 1, weight: 2, positiveWeight: 2, value: 1 },
        { ...leaf, parent: 1, weight: 2, positiveWeight: 2, value: 1 },
      ],
    };
    expect([...collapseComplexities(tree, "gini")]).toEqual([0.5, 0, Infinity, Infinity, Infinity]);
    expect([...collapseComplexities(tree, "misclassification")].slice(0, 2)).toEqual([0.5, 0]);
    expect(collapseComplexities(tree, "log-loss")[0]).toBeCloseTo(Math.LN2, 12);
  });

  test("subtrees are nested, no larger than asked for, and keep the rows", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), (seed, maxLeaves) => {
        const tree = growTree(randomSet(200, seed), { maxLeaves: 40, minLeafWeight: 2 });
        const collapse = collapseComplexities(tree, "log-loss");
        tree.nodes.forEach(({ parent, split }, place) => {
          if (parent >= 0 && split) expect(collapse[place]).toBeLessThanOrEqual(collapse[parent]!);
        });
        const least = complexityFor(collapse, maxLeaves);
        const pruned = prunedTree(tree, (place) => collapse[place]! > least);
        const leaves = leavesAt(pruned);
        expect(leaves.length).toBeLessThanOrEqual(maxLeaves);
        expect(leaves.reduce((sum, leaf) => sum + pruned.nodes[leaf]!.weight, 0)).toBe(200);
        pruned.nodes.forEach(({ left, right }, place) => {
          for (const child of [left, right]) if (child >= 0) expect(pruned.nodes[child]!.parent).toBe(place);
        });
      }),
      { numRuns: 50 },
    );
  });
});
