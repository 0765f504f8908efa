import type { Texts } from "./texts/index.js";

/** Longer codes in capitals are words; shorter ones are names, such as of countries. */
const LONGEST_NAME = 4;

/**
 * A code as people say it: `INFORMATION_TECHNOLOGY` is information technology, in Chinese 信息技术.
 * What is no code, such as a name or a text in small and large letters, stays as it is.
 */
export function codeWords(code: string, { codes }: Pick<Texts, "codes">): string {
  const known = codes[code.toLowerCase()];
  if (known !== undefined) return known;
  if (!/^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$/.test(code)) return code;
  const isShouted = code === code.toUpperCase() && code.length > LONGEST_NAME;
  if (!isShouted && !code.includes("_")) return code;
  const words = code.replaceAll("_", " ");
  return isShouted ? words.toLowerCase() : words;
}

/** Features whose values are codes of an export or of ours; those of others are people's own words. */
const CODED: ReadonlySet<string> = new Set([
  "channel",
  "customer_kind",
  "industry",
  "acquisition_source",
  "source",
  "last_contact_by",
]);

/** A feature's value as people say it. */
export function valueWords(feature: string, value: string, texts: Pick<Texts, "codes">): string {
  return CODED.has(feature) ? codeWords(value, texts) : value;
}
