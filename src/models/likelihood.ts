import { inverseHessian, minimizeSmooth, type SmoothFunction, type SmoothMinimum } from "../math/bfgs.js";
import type { PurchaseModel, PurchaseModelName } from "./purchases.js";

/** What is to be fitted: positive parameters, by their logarithms. */
export interface Likelihood {
  /** Of the parameters, in the order of the point. */
  readonly names: readonly string[];
  /** Minus the mean log-likelihood a customer at the parameters' logarithms. */
  readonly loss: SmoothFunction;
  /** The same over a part of the customers, cheap enough to try every start on; `loss` itself when left out. */
  readonly roughLoss?: SmoothFunction;
  /** Logarithms of parameters to start from. */
  readonly starts: readonly (readonly number[])[];
  readonly customerCount: number;
}

/** The most likely parameters. */
export interface FittedParameters {
  /** Their logarithms. */
  readonly logs: Float64Array;
  readonly logLikelihood: number;
  readonly iterations: number;
  readonly isConverged: boolean;
  /** The parameter that ran furthest to the edge, if any did. */
  readonly boundary: string | undefined;
  /** Covariance of the logarithms; undefined at an edge, and where the likelihood is flat. */
  readonly logCovariance: readonly Float64Array[] | undefined;
}

/** A fitted model of purchases as plain data. */
export function purchaseModel(
  name: PurchaseModelName,
  parameters: Readonly<Record<string, number>>,
  { logLikelihood, iterations, isConverged, boundary, logCovariance }: Omit<FittedParameters, "logs">,
): PurchaseModel {
  return { name, parameters, logLikelihood, iterations, isConverged, boundary, logCovariance };
}

/** Between e⁻¹² and e¹² a likelihood has all but reached its limit; beyond, a wall rises softly. */
const WALL = 12;
/** Within a factor e of the wall a parameter counts as at the edge. */
const EDGE = WALL - 1;
/** Beyond e³⁰ nothing is evaluated. */
const END = 30;

/**
 * The most likely parameters: every start is tried on the rough loss, the best one followed on the whole.
 * A likelihood that grows for ever towards an edge is stopped by a soft wall, so that the other parameters
 * still reach their best, and the edge is named.
 */
export function fitParameters(likelihood: Likelihood): FittedParameters {
  const { loss, roughLoss, starts, customerCount } = likelihood;
  const rough = roughLoss ?? loss;
  let best = lowest(starts.map((start) => minimizeSmooth(walled(rough), start)));
  if (roughLoss !== undefined)
    best = minimizeSmooth(walled(loss), [...best.point], inverseHessian(walled(rough), best.point));
  const boundary = edgeOf(best.point, likelihood.names);
  return {
    logs: best.point,
    logLikelihood: -customerCount * loss(best.point, new Float64Array(best.point.length)),
    iterations: best.iterations,
    isConverged: best.isConverged,
    boundary,
    logCovariance:
      boundary === undefined ? divided(inverseHessian(loss, best.point), customerCount) : undefined,
  };
}

function lowest(minima: readonly SmoothMinimum[]): SmoothMinimum {
  return minima.reduce((best, next) => (next.value < best.value || Number.isNaN(best.value) ? next : best));
}

function walled(loss: SmoothFunction): SmoothFunction {
  return (point, slope) => {
    if (!point.every((x) => Math.abs(x) <= END)) return Infinity;
    let value = loss(point, slope);
    for (let i = 0; i < point.length; i++) {
      const excess = Math.abs(point[i]!) - WALL;
      if (excess <= 0) continue;
      value += 0.5 * excess * excess;
      slope[i]! += Math.sign(point[i]!) * excess;
    }
    return value;
  };
}

function edgeOf(point: Float64Array, names: readonly string[]): string | undefined {
  const furthest = names.reduce((most, _, i) => (Math.abs(point[i]!) > Math.abs(point[most]!) ? i : most), 0);
  return Math.abs(point[furthest]!) > EDGE ? names[furthest] : undefined;
}

function divided(rows: readonly Float64Array[] | undefined, by: number): readonly Float64Array[] | undefined {
  return rows?.map((row) => row.map((x) => x / by));
}
