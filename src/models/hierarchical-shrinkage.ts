import type { Tree } from "./tree.js";

/**
 * The values of all nodes, each drawn towards its parent's: the value of the root plus every step of the path,
 * divided by 1 + λ over the weight of the node that the step leaves. A node's is the same however the tree is
 * pruned below it, and no value passes a bound that all nodes of a branch keep.
 *
 * @param shrinkage λ, in weight; 0 changes nothing
 * @see Agarwal, Tan, Ronen, Singh & Yu (2022), "Hierarchical Shrinkage: Improving the Accuracy and Interpretability
 * of Tree-Based Models", ICML, (2)
 */
export function shrunkValues({ nodes }: Tree, shrinkage: number): Float64Array {
  const values = new Float64Array(nodes.length);
  nodes.forEach(({ parent, value }, place) => {
    const above = nodes[parent];
    const step = above === undefined ? value : (value - above.value) / (1 + shrinkage / above.weight);
    values[place] = above === undefined ? step : values[parent]! + step;
  });
  return values;
}
