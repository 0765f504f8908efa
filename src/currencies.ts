/** ISO 4217 codes of today, as the platform knows them. */
const CODES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** True for the three capitals of a currency that ISO 4217 knows. */
export const isCurrency = (code: string) => CODES.has(code);

/** What currencies are called beside their codes. */
export const CURRENCY_NAMES: Readonly<Record<string, string>> = {
  RMB: "CNY",
  Rmb: "CNY",
  rmb: "CNY",
  人民币: "CNY",
  元: "CNY",
  美元: "USD",
  美金: "USD",
  欧元: "EUR",
  港币: "HKD",
  日元: "JPY",
  英镑: "GBP",
};

/** A currency's code, given that or its name. */
export const codeOf = (currency: string) => CURRENCY_NAMES[currency] ?? currency;

/** All that a currency is called, given one of it. */
export const namesOf = (currency: string) => [
  currency,
  ...[...Object.keys(CURRENCY_NAMES), ...Object.values(CURRENCY_NAMES)].filter(
    (other) => other !== currency && codeOf(other) === codeOf(currency),
  ),
];

/** The letters of a currency in a cell of an amount. */
export function unitIn(cell: string): string | undefined {
  const unit = /^[^\p{L}]*([A-Z]{3})[^\p{L}]*$/u.exec(cell)?.[1];
  return unit !== undefined && isCurrency(codeOf(unit)) ? unit : undefined;
}
