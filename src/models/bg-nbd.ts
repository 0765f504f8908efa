import { fitBetaGeometric, prepareHistories, type BetaGeometricParameters } from "./beta-geometric.js";
import {
  betaGeometricAlive,
  betaGeometricAliveSql,
  betaGeometricCount,
  betaGeometricNewcomerCount,
} from "./beta-geometric-outlook.js";
import { purchaseModel } from "./likelihood.js";
import type { PurchaseModel, PurchaseProcess } from "./purchases.js";

/**
 * BG/NBD: while alive, customers order by chance at rates of their own (Gamma(r, alpha)), and after each repeat
 * order leave with a probability of their own (Beta(a, b)). Nobody can leave before a repeat order: whoever has
 * ordered once only is alive with probability 1, however long ago that was; `mbgNbd` mends it.
 *
 * @see Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way", Marketing Science 24(2): likelihood eq. (6),
 * expected orders eqs. (9) and (10), r, α → alpha, a, b; P(alive) from Fader & Hardie's note on it (2008)
 */
export const bgNbd: PurchaseProcess = {
  fit(histories) {
    const { parameters, ...fitted } = fitBetaGeometric(prepareHistories(histories), {
      shape: 1,
      firstChances: 0,
    });
    const { r, alpha, a, b } = parameters;
    return purchaseModel("bg-nbd", { r, alpha, a, b }, fitted);
  },
  aliveProbability: (model, history) => betaGeometricAlive(parametersOf(model), history),
  expectedCount: (model, history, horizon) => betaGeometricCount(parametersOf(model), history, horizon),
  newcomerCount: (model, span) => betaGeometricNewcomerCount(parametersOf(model), span),
  aliveSql: (model, columns) => betaGeometricAliveSql(parametersOf(model), columns),
};

function parametersOf({ parameters }: PurchaseModel): BetaGeometricParameters {
  const { r, alpha, a, b } = parameters;
  return { shape: 1, firstChances: 0, r: r!, alpha: alpha!, a: a!, b: b! };
}
