/** (large + y)^−largePower (small + y)^−smallPower, a function of y > 0; large ≥ small > 0, powers ≥ 0 of sum above 1. */
export interface PowerProduct {
  large: number;
  largePower: number;
  small: number;
  smallPower: number;
}

/**
 * What `powerTail` finds. Means are over y with the product as its density: minus the derivatives of the integral's
 * logarithm, of the logarithms by the powers and of the powers over the bases by those.
 */
export interface PowerTail {
  /** ln of the integral times large^largePower small^(smallPower − 1). */
  log: number;
  /** The mean of ln((large + y)/large). */
  logLarge: number;
  /** The mean of ln((small + y)/small). */
  logSmall: number;
  /** The mean of largePower/(large + y). */
  inverseLarge: number;
  /** The mean of smallPower/(small + y). */
  inverseSmall: number;
}

/** Terms after which a slow series is given up for quadrature, and how fast it must fall half-way to be tried. */
const SHORT_SERIES = 1000;
const SHORT_RATIO = 0.96;
/** A tail of the series this small is none. */
const NEGLIGIBLE = 1e-16;
/** Panels of the quadrature are at most so wide in ln(small + y), and the integrand falls by e⁻⁸ in one at most. */
const PANEL_WIDTH = 2;
const PANEL_FALL = 8;
const MAX_PANELS = 1000;
/** e to minus this is nothing beside 1. */
const NOTHING = 40;

/** Gauss–Legendre, twelve points: Abramowitz & Stegun (1964), table 25.4. */
const NODES = [
  0.12523340851146892, 0.36783149899818019, 0.58731795428661745, 0.76990267419430469, 0.90411725637047486,
  0.98156063424671925,
];
const WEIGHTS = [
  0.24914704581340279, 0.23349253653835481, 0.20316742672306592, 0.16007832854334623, 0.10693932599531843,
  0.047175336386511827,
];

/** Place for a `powerTail`. */
export const emptyPowerTail = (): PowerTail => ({
  log: 0,
  logLarge: 0,
  logSmall: 0,
  inverseLarge: 0,
  inverseSmall: 0,
});

/**
 * The integral of a product of two powers from 0 to infinity, with its derivatives, to about 1e-13.
 *
 * With p and q the powers, R = p + q − 1 and z = (large − small)/large it is
 * large^−p small^(1−q)/R · ₂F₁(1, p; R + 1; z), all terms positive. Where z is so near 1 that this takes too many of
 * them, Gauss–Legendre panels in ln(small + y) go on to where z is ¾, and the series gives the rest.
 * The series allocates nothing, and has some tens of terms where the bases are alike.
 *
 * @param tail where the answer is written
 * @see DLMF 8.17.7–8.17.8, as it is an incomplete beta function
 */
export function powerTail(product: PowerProduct, tail: PowerTail): void {
  if (!(isShort(product) && sumSeries(product, tail))) sumPanels(product, tail);
}

function isShort({ large, largePower, small, smallPower }: PowerProduct): boolean {
  const half = largePower + SHORT_SERIES / 2;
  return ((large - small) / large) * (half / (half + smallPower)) < SHORT_RATIO;
}

/** False, and nothing written, when the series is too long. */
function sumSeries({ large, largePower: p, small, smallPower: q }: PowerProduct, tail: PowerTail): boolean {
  const z = (large - small) / large;
  const rate = p + q - 1;
  let term = 1;
  let sum = 1;
  let rest = 0;
  // Derivatives of the terms' logarithms by p and by R, and of the sums.
  let byP = 0;
  let byR = 0;
  let sumByP = 0;
  let sumByR = 0;
  for (let n = 0; n < SHORT_SERIES; n++) {
    const inverse = 1 / (rate + 1 + n);
    const ratio = (p + n) * inverse;
    const next = term * ratio;
    byP += 1 / (p + n);
    byR += inverse;
    rest += next;
    term = next * z;
    sum += term;
    sumByP += term * byP;
    sumByR += term * byR;
    if (next * (1 + byP) <= NEGLIGIBLE * (1 - ratio * z) * rest) {
      const scale = 1 / sum;
      tail.log = Math.log(sum / rate);
      tail.logLarge = 1 / rate + (sumByR - sumByP) * scale;
      tail.logSmall = 1 / rate + sumByR * scale;
      tail.inverseLarge = (rate * rest * scale) / large;
      tail.inverseSmall = rate * scale * (1 / small - rest / large);
      return true;
    }
  }
  return false;
}

/** Where the quadrature stands: u = ln((small + y)/small), and the logarithm of the integrand there. */
interface Place {
  readonly u: number;
  readonly height: number;
}

function sumPanels(product: PowerProduct, tail: PowerTail): void {
  const end = Math.log((product.large - product.small) / (3 * product.small));
  Object.assign(tail, emptyPowerTail());
  let place: Place = { u: 0, height: 0 };
  for (let panel = 0; panel < MAX_PANELS && place.u < end && place.height > -NOTHING; panel++) {
    const u = Math.min(end, place.u + panelWidth(product, place));
    addPanel(product, tail, [place.u, u]);
    place = { u, height: heightAt(product, u) };
  }
  if (place.height > -NOTHING) addRest(product, tail, place);
  const area = tail.log;
  tail.log = Math.log(area);
  tail.logLarge /= area;
  tail.logSmall /= area;
  tail.inverseLarge /= area;
  tail.inverseSmall /= area;
}

/** ln((large + y)/large) */
function logLargeAt({ large, small }: PowerProduct, u: number): number {
  return Math.log1p((small / large) * Math.expm1(u));
}

function heightAt(product: PowerProduct, u: number): number {
  return (1 - product.smallPower) * u - product.largePower * logLargeAt(product, u);
}

function panelWidth({ large, largePower, small, smallPower }: PowerProduct, { u }: Place): number {
  const near = small * Math.exp(u);
  const own = Math.abs(1 - smallPower);
  const other = (largePower * near) / (large - small + near);
  const widest = Math.min(PANEL_WIDTH, PANEL_FALL / (own + other));
  return Math.min(widest, PANEL_FALL / (own + other * Math.exp(widest)));
}

/** Sums, not yet divided by the area, which stands in `log`. */
function addPanel(product: PowerProduct, tail: PowerTail, [from, to]: readonly [number, number]): void {
  const { large, largePower, small, smallPower } = product;
  const middle = (from + to) / 2;
  const half = (to - from) / 2;
  for (let i = 0; i < 2 * NODES.length; i++) {
    const node = NODES[i >> 1]!;
    const u = middle + (i % 2 === 0 ? node : -node) * half;
    const y = small * Math.expm1(u);
    const logLarge = Math.log1p(y / large);
    const weight = WEIGHTS[i >> 1]! * half * Math.exp((1 - smallPower) * u - largePower * logLarge);
    tail.log += weight;
    tail.logLarge += weight * logLarge;
    tail.logSmall += weight * u;
    tail.inverseLarge += (weight * largePower) / (large + y);
    tail.inverseSmall += (weight * smallPower) / (small + y);
  }
}

/** What is left beyond the panels, by the series. */
function addRest(product: PowerProduct, tail: PowerTail, { u, height }: Place): void {
  const { large, small } = product;
  const near = small * Math.exp(u);
  const rest = emptyPowerTail();
  sumSeries({ ...product, large: large - small + near, small: near }, rest);
  const weight = Math.exp(height + rest.log);
  tail.log += weight;
  tail.logLarge += weight * (rest.logLarge + logLargeAt(product, u));
  tail.logSmall += weight * (rest.logSmall + u);
  tail.inverseLarge += weight * rest.inverseLarge;
  tail.inverseSmall += weight * rest.inverseSmall;
}
