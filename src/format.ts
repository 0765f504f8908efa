import type { Format } from "./section.js";
import type { Language } from "./texts/index.js";

/** Whose numbers these are: the reader's language and the currency (ISO 4217, or empty when none is stated). */
export interface Locale {
  readonly language: Language;
  readonly currency: string;
}

/** What stands where there is no value. */
export const NO_VALUE = "–";

/** Language tags for `lang` attributes, `Intl` and collation. */
export const LANGUAGE_TAGS: Readonly<Record<Language, string>> = { en: "en-US", zh: "zh-CN" };

const MILLISECONDS_A_DAY = 86_400_000;
const SHORT_FROM = 10_000;
const formatters = new Map<string, Intl.NumberFormat>();

/**
 * A value as a reader sees it: grouped digits, money with its currency, shares (0–1) as percent
 * with one decimal (`<0.1%` and `>99.9%` where it would round to none or all; likelihoods even where they are
 * none or all), a decimal above none that would round to none as `<0.01`, days as `YYYY-MM-DD`, and an en dash for
 * what is missing or not finite. Truth values are yes and no.
 * Text is never interpreted, whatever the format says.
 */
export function formatValue(value: unknown, format: Format, locale: Locale): string {
  if (isMissing(value)) return NO_VALUE;
  if (typeof value === "boolean") return TRUTHS[locale.language][value ? 1 : 0];
  if (typeof value === "string" || format === "text") return String(value);
  if (format === "date") return isoDate(value as number | bigint | Date);
  if (format === "percent") return formatShare(Number(value), numberFormatter(format, locale));
  if (format === "likelihood") return formatShare(inside(Number(value)), numberFormatter("percent", locale));
  if (format === "decimal" && Number(value) > 0 && Number(value) < LEAST_DECIMAL / 2)
    return `<${numberFormatter(format, locale).format(LEAST_DECIMAL)}`;
  return numberFormatter(format, locale).format(value as number | bigint);
}

const TRUTHS: Readonly<Record<Language, readonly [string, string]>> = { en: ["no", "yes"], zh: ["否", "是"] };
const LEAST_DECIMAL = 0.01;
const LEAST_SHARE = 0.001;

/** A likelihood that was rounded to none or all. */
const inside = (likelihood: number) => Math.min(Math.max(likelihood, Number.EPSILON), 1 - Number.EPSILON);

/** What is more than none is not shown as none, nor what is less than all as all. */
function formatShare(share: number, { format }: Intl.NumberFormat): string {
  if (share > 0 && share < LEAST_SHARE / 2) return `<${format(LEAST_SHARE)}`;
  if (share < 1 && share >= 1 - LEAST_SHARE / 2) return `>${format(1 - LEAST_SHARE)}`;
  return format(share);
}

/** A value where space is short, as in a chart: `$1.2M` or `¥123万`; below 10,000 money loses its cents. */
export function formatShort(value: unknown, format: Format, locale: Locale): string {
  const isAmount = format === "money" || format === "decimal" || format === "integer";
  if (typeof value !== "number" || !Number.isFinite(value) || !isAmount)
    return formatValue(value, format, locale);
  if (Math.abs(value) >= SHORT_FROM) return numberFormatter(format, locale, "compact").format(value);
  return format === "money"
    ? numberFormatter(format, locale, "whole").format(value)
    : formatValue(value, format, locale);
}

/** A figure in large letters: money from 10,000 on without its cents. */
export function formatHeadline(value: unknown, format: Format, locale: Locale): string {
  const isLarge = format === "money" && typeof value === "number" && Math.abs(value) >= SHORT_FROM;
  return isLarge
    ? numberFormatter(format, locale, "whole").format(value)
    : formatValue(value, format, locale);
}

/** A cut-point with no more digits than it has: `$3,600`, `0.32%`, `81.1`. */
export function formatThreshold(value: number, format: Format, locale: Locale): string {
  const length = format === "money" && !Number.isInteger(value) ? "exact" : "bare";
  return numberFormatter(format, locale, length).format(value);
}

/** What stands before an amount of money: `€`, or nothing where no currency is stated. */
export function moneySign({ language, currency }: { language: Language; currency: string | null }): string {
  const parts = numberFormatter("money", { language, currency: currency ?? "" }).formatToParts(0);
  return parts
    .slice(
      0,
      parts.findIndex(({ type }) => type === "integer"),
    )
    .map(({ value }) => value)
    .join("");
}

/** True for what is shown as an en dash: null, undefined, NaN and the infinities. */
export function isMissing(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === "number" && !Number.isFinite(value));
}

/** Days since 1970-01-01 of a day or moment as Arrow gives it (milliseconds), or of a `Date`. */
export function epochDay(value: number | bigint | Date): number {
  return Math.floor(Number(value) / MILLISECONDS_A_DAY);
}

function isoDate(value: number | bigint | Date): string {
  return new Date(epochDay(value) * MILLISECONDS_A_DAY).toISOString().slice(0, 10);
}

type Length = "full" | "compact" | "whole" | "exact" | "bare";
/** Digits behind the point that a cut-point may need to part close values. */
const MOST_DECIMALS = 6;

/** Making an `Intl.NumberFormat` costs a thousand times more than using it, so each is kept. */
function numberFormatter(format: Format, locale: Locale, length: Length = "full"): Intl.NumberFormat {
  const key = `${locale.language} ${locale.currency} ${format} ${length}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const options = {
    ...numberOptions(format, locale.currency),
    ...lengthOptions(length),
    signDisplay: "negative",
  } as const;
  const made = new Intl.NumberFormat(LANGUAGE_TAGS[locale.language], options);
  formatters.set(key, made);
  return made;
}

function numberOptions(format: Format, currency: string): Intl.NumberFormatOptions {
  if (format === "integer") return { maximumFractionDigits: 0 };
  if (format === "percent") return { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 };
  if (format === "money" && /^[A-Z]{3}$/.test(currency)) return { style: "currency", currency };
  return { minimumFractionDigits: 2, maximumFractionDigits: 2 };
}

function lengthOptions(length: Length): Intl.NumberFormatOptions {
  if (length === "full") return {};
  if (length === "exact") return { minimumFractionDigits: 2, maximumFractionDigits: MOST_DECIMALS };
  if (length === "bare") return { minimumFractionDigits: 0, maximumFractionDigits: MOST_DECIMALS };
  if (length === "whole") return { minimumFractionDigits: 0, maximumFractionDigits: 0 };
  return { notation: "compact", minimumFractionDigits: 0, maximumFractionDigits: 1 };
}
