import {
  fitBetaGeometric,
  hasGaps,
  prepareHistories,
  type BetaGeometricFit,
  type BetaGeometricParameters,
  type PreparedHistories,
} from "./beta-geometric.js";
import {
  betaGeometricAlive,
  betaGeometricAliveSql,
  betaGeometricCount,
  betaGeometricNewcomerCount,
} from "./beta-geometric-outlook.js";
import { purchaseModel } from "./likelihood.js";
import type { PurchaseModel, PurchaseProcess } from "./purchases.js";

const MAX_SHAPE = 12;
/** Enough histories to tell the shape from. */
const SHAPE_ROWS = 20_000;

const predictions: Omit<PurchaseProcess, "fit"> = {
  aliveProbability: (model, history) => betaGeometricAlive(parametersOf(model), history),
  expectedCount: (model, history, horizon) => betaGeometricCount(parametersOf(model), history, horizon),
  newcomerCount: (model, span) => betaGeometricNewcomerCount(parametersOf(model), span),
  aliveSql: (model, columns) => betaGeometricAliveSql(parametersOf(model), columns),
};

/**
 * MBG/NBD: as BG/NBD, but one may also leave right after the first order, so that silence tells on those who
 * ordered once only.
 *
 * @see Batislam, Denizel & Filiztekin (2007), "Empirical validation and comparison of models for customer base
 * analysis", International Journal of Research in Marketing 24(3); Hoppe & Wagner (2007): r, α → alpha, a, b
 */
export const mbgNbd: PurchaseProcess = {
  fit(histories) {
    const { parameters, ...fitted } = fitShape(prepareHistories(histories), 1);
    const { r, alpha, a, b } = parameters;
    return purchaseModel("mbg-nbd", { r, alpha, a, b }, fitted);
  },
  ...predictions,
};

/**
 * MBG/CNBD-k: MBG/NBD with orders timed the more regularly the larger k is: gaps are Erlang(k, λ). k is the first
 * of 1, 2, … 12 that the next one does not beat in likelihood, told from every n-th history where there are more
 * than 20,000; it is 1 where the gaps are not known. Log-likelihoods count the density of the gaps, which is none
 * beyond that of (x, t_x, T) for k = 1: they compare with all other models'.
 *
 * @see Reutterer, Platzer & Schröder (2021), "Leveraging purchase regularity for predicting customer behavior the easy
 * way", International Journal of Research in Marketing 38(1), after Platzer & Reutterer (2016), "Ticking Away the
 * Moments", Marketing Science 35(5): k, r, α → alpha, a, b. Expected orders are exact here, where the paper
 * approximates: see `betaGeometricCount`
 */
export const mbgCnbdK: PurchaseProcess = {
  fit(histories) {
    const chosen = fitAnyShape(prepareHistories(histories, SHAPE_ROWS));
    const isWhole = histories.ages.length <= SHAPE_ROWS;
    const { parameters, ...fitted } = isWhole
      ? chosen
      : fitShape(prepareHistories(histories), chosen.parameters.shape);
    const { shape: k, r, alpha, a, b } = parameters;
    return purchaseModel("mbg-cnbd-k", { k, r, alpha, a, b }, fitted);
  },
  ...predictions,
};

function fitAnyShape(histories: PreparedHistories): BetaGeometricFit {
  let best = fitShape(histories, 1);
  for (let k = 2; k <= MAX_SHAPE && hasGaps(histories); k++) {
    const next = fitShape(histories, k);
    if (!(next.logLikelihood > best.logLikelihood)) break;
    best = next;
  }
  return best;
}

function fitShape(histories: PreparedHistories, shape: number): BetaGeometricFit {
  return fitBetaGeometric(histories, { shape, firstChances: 1 });
}

function parametersOf({ parameters }: PurchaseModel): BetaGeometricParameters {
  const { k, r, alpha, a, b } = parameters;
  return { shape: k ?? 1, firstChances: 1, r: r!, alpha: alpha!, a: a!, b: b! };
}
