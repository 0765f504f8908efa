import { CrmError } from "../errors.js";
import { nearestName } from "../nearest.js";
import type { Warn } from "../warning.js";
import type { BasketsConfig } from "./baskets-config.js";

/** A setting that names what is not in the data. */
export interface UnknownName {
  readonly setting: string;
  readonly name: string;
  /** What was most likely meant, as it is shown: a name like it, or names that hold it. */
  readonly nearest: string | undefined;
}

/** Of what a setting names, what is not there. */
export function unknownNames(
  setting: string,
  wanted: readonly string[],
  known: readonly string[],
): UnknownName[] {
  const there = new Set(known);
  return wanted
    .filter((name) => !there.has(name))
    .map((name) => ({ setting, name, nearest: meantBy(name, known) }));
}

function meantBy(name: string, known: readonly string[]): string | undefined {
  const several = name.split(/[,，、;]/).map((part) => part.trim());
  if (several.length > 1 && several.every((part) => known.includes(part))) return several.join(" ");
  const nearest = nearestName(name, known);
  return nearest === undefined ? holdersOf(name, known) : shorten(nearest);
}

/** Names that are offered in place of one at most. */
const MOST_MEANT = 3;

/** The names that hold a text, in whatever case; undefined where none does. */
function holdersOf(text: string, known: readonly string[]): string | undefined {
  const sought = text.toLowerCase();
  const holders = known.filter((name) => name.toLowerCase().includes(sought));
  if (sought.trim() === "" || holders.length === 0) return undefined;
  const listed = holders.slice(0, MOST_MEANT).map(shorten).join(", ");
  return holders.length > MOST_MEANT ? `${listed}, …` : listed;
}

/** Each unknown name as a clause: the setting, the name, and what may be meant. */
export const unknownClauses = (unknown: readonly UnknownName[]) =>
  unknown.map(({ setting, name, nearest }) =>
    nearest === undefined ? `${setting} ${shorten(name)}` : `${setting} ${shorten(name)} (→ ${nearest}?)`,
  );

/** Says what the settings would leave out and nobody bought. */
export function warnOfUnknown(unknown: readonly UnknownName[], warn: Warn): void {
  for (const { setting, name, nearest } of unknown) {
    const gaps = { setting, name: shorten(name) };
    if (nearest === undefined) warn({ code: "never_sold", gaps });
    else warn({ code: "never_sold_as_spelt", gaps: { ...gaps, nearest } });
  }
}

/** Says how many names differ from an earlier one in case or blanks only, with the first such two: they are items of their own. */
export function warnOfAlike(names: readonly string[], warn: Warn): void {
  const first = new Map<string, string>();
  const alike = names.flatMap((name) => {
    const spelt = name.trim().replace(/\s+/g, " ").toLowerCase();
    const earlier = first.get(spelt);
    if (earlier === undefined) first.set(spelt, name);
    return earlier === undefined ? [] : [[earlier, name] as const];
  });
  if (alike.length === 0) return;
  const [one, other] = alike[0]!.map(shorten) as [string, string];
  warn({ code: "items_alike", gaps: { count: alike.length, one, other } });
}

/** What joins the items of a set in files. */
export const JOINT = " + ";

/** Says how many names hold what joins them, with the first. */
export function warnOfJoint(names: readonly string[], warn: Warn): void {
  const holders = names.filter((name) => name.includes(JOINT));
  if (holders.length > 0)
    warn({ code: "items_joined", gaps: { count: holders.length, one: shorten(holders[0]!) } });
}

/**
 * A side that nothing can fulfil is a mistake.
 *
 * @throws CrmError `usage` with every name at once, and what may be meant
 */
export function refuseUnknown(
  sides: Readonly<Record<string, readonly string[]>>,
  known: readonly string[],
): void {
  const unknown = Object.entries(sides).flatMap(([side, wanted]) => unknownNames(side, wanted, known));
  if (unknown.length === 0) return;
  const problems = unknown.map(({ setting, name, nearest }) => {
    const meant = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    return `baskets ${setting}: there is no item ${shorten(name)}${meant}`;
  });
  throw new CrmError("usage", problems.join("\n"), {
    hint: `items are written as in the data, such as ${known.slice(0, 3).map(shorten).join(", ")}`,
  });
}

/** An item as data name it, and the label that tells it apart. */
export interface LabelledItem {
  readonly code: string;
  readonly name: string;
  readonly label: string;
}

const ITEM_SETTINGS = [
  ...(["left_with", "left_without", "right_with", "right_without"] as const),
  ...(["excluded_items", "leave_out"] as const),
];

/** Settings that name items by their codes, or by a name that several items have, name them all as they are shown. */
export function namedAsShown(config: BasketsConfig, items: readonly LabelledItem[]): BasketsConfig {
  const labelsOf = new Map<string, readonly string[]>();
  for (const { name, label } of items)
    labelsOf.set(name, [...new Set([...(labelsOf.get(name) ?? []), label])]);
  for (const { code, label } of items) labelsOf.set(code, [label]);
  const named = (wanted: readonly string[]) => wanted.flatMap((word) => labelsOf.get(word) ?? [word]);
  return { ...config, ...Object.fromEntries(ITEM_SETTINGS.map((each) => [each, named(config[each])])) };
}

/** Names in messages and pictures are no longer than this. */
const LONGEST_NAME = 80;

/** A name as it is shown. */
export const shorten = (name: string) =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
