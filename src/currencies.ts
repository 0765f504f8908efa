/** ISO 4217 codes of today, as the platform knows them. */
const CODES: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** True for the three capitals of a currency that ISO 4217 knows. */
export const isCurrency = (code: string) => CODES.has(code);
