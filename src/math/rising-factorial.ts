/** Below this many factors a product is exact enough and quick. */
const FEW = 16;

/**
 * ln of the rising factorial (x)_n = Γ(x + n)/Γ(x), for x > 0 and n ≥ 0 (whole when below 16); accurate also where
 * x is so large that a difference of two ln Γ would be noise.
 *
 * @see DLMF 5.11.1, Stirling's series, as a difference
 */
export function logRising(x: number, n: number): number {
  let product = 1;
  if (n <= FEW) {
    for (let i = 0; i < n; i++) product *= x + i;
    return Math.log(product);
  }
  if (x < FEW) {
    for (let i = 0; i < FEW; i++) product *= x + i;
    return Math.log(product) + logRising(x + FEW, n - FEW);
  }
  const end = x + n;
  return (x - 0.5) * Math.log1p(n / x) + n * (Math.log(end) - 1) + stirling(end) - stirling(x);
}

function stirling(x: number): number {
  const square = 1 / (x * x);
  return (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / x;
}

/**
 * 1/x + 1/(x + 1) + … with n terms = ψ(x + n) − ψ(x): the derivative of `logRising` by x.
 *
 * @see DLMF 5.11.2
 */
export function harmonicRising(x: number, n: number): number {
  let sum = 0;
  if (n <= FEW) {
    for (let i = 0; i < n; i++) sum += 1 / (x + i);
    return sum;
  }
  if (x < FEW) {
    for (let i = 0; i < FEW; i++) sum += 1 / (x + i);
    return sum + harmonicRising(x + FEW, n - FEW);
  }
  return Math.log1p(n / x) + digammaRest(x + n) - digammaRest(x);
}

/** ψ(x) − ln x. */
function digammaRest(x: number): number {
  const square = 1 / (x * x);
  return -0.5 / x - square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)));
}
