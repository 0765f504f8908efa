import { itemsetStretches } from "../models/frequent-itemsets.js";
import { withRests } from "../models/stretches.js";
import { fractionOf, leastCount } from "../models/whole-thresholds.js";
import type { Rest } from "../pace.js";
import { texts as wordsIn, type Table } from "../table.js";
import type { BasketsConfig } from "./baskets-config.js";
import { namedAsShown, refuseUnknown, type LabelledItem } from "./baskets-names.js";
import { cleanBaskets, refuseTooLarge, setBudget, sidesOf, type BasketGoods } from "./baskets-study.js";

/** For each row its basket, customer and product, all numbered from 0, and its day since 1970-01-01. */
export interface BoughtRows {
  readonly baskets: Float64Array;
  readonly customers: Float64Array;
  readonly products: Float64Array;
  readonly days: Float64Array;
}

/** Rows of baskets and products as they were read. */
export interface Bought {
  readonly rows: BoughtRows;
  readonly basketCount: number;
  readonly customerCount: number;
  readonly lastDay: number;
  readonly products: Table;
  /** What each product has brought. */
  readonly amounts: Float64Array;
  /** False where no cost is known at all: then revenue counts. */
  readonly isMargin: boolean;
}

/** What an item can be. */
export type ItemLevel = "product" | "category" | "brand";

/** Products in their order of the table, under the name that tells them apart, and what they count as at a level. */
function goodsAt(bought: Bought, config: BasketsConfig, level: ItemLevel): BasketGoods {
  const { rows, products, basketCount } = bought;
  const labels = keptLabels(products, config, level);
  const names = [...new Set(labels.filter((label) => label !== null))].sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const placeOf = new Map(names.map((name, place) => [name, place]));
  const itemOf = labels.map((label) => (label === null ? -1 : placeOf.get(label)!));
  const categories = wordsIn(products, "category");
  const groups: (string | null)[] = names.map(() => null);
  itemOf.forEach(
    (item, product) =>
      item >= 0 && (groups[item] ??= level === "category" ? names[item]! : categories[product]!),
  );
  return {
    names,
    groups,
    ...(level === "product" ? {} : { parts: partsIn(products) }),
    margins: marginsOf(bought, itemOf, names.length),
    basketCount,
    baskets: rows.baskets,
    items: rows.products.map((product) => itemOf[product]!),
    buyers: {
      customerCount: bought.customerCount,
      customers: rows.customers,
      days: rows.days,
      lastDay: bought.lastDay,
    },
  };
}

/** What settings may name: products by key, by name or by the label that tells them apart, and categories. */
const partsIn = (products: Table) => ({
  products: wordsForProducts(products),
  categories: wordsIn(products, "category").filter((category) => category !== null),
});

/** The labels at a level; null for excluded products, where items stand for several of them. */
function keptLabels(products: Table, config: BasketsConfig, level: ItemLevel): (string | null)[] {
  const labels = labelsAt(products, level);
  if (level === "product") return labels;
  const own = labelsAt(products, "product");
  const categories = wordsIn(products, "category");
  const items = new Set(namedAsShown(config, labelledProducts(products)).excluded_items);
  const groups = new Set(config.excluded_categories);
  return labels.map((label, product) =>
    items.has(own[product]!) || groups.has(categories[product] ?? "") ? null : label,
  );
}

const labelsAt = (products: Table, level: ItemLevel) =>
  wordsIn(products, level === "product" ? "product_label" : level);

/** What a product of the item in a basket has brought on a day. */
function marginsOf({ rows, amounts }: Bought, itemOf: readonly number[], itemCount: number): Float64Array {
  const [sums, counts] = [new Float64Array(itemCount), new Float64Array(itemCount)];
  itemOf.forEach((item, product) => item >= 0 && (sums[item]! += amounts[product]!));
  for (const product of rows.products) {
    const item = itemOf[product]!;
    if (item >= 0) counts[item]! += 1;
  }
  return sums.map((sum, item) => sum / counts[item]!);
}

/** So many frequent pairs are enough to learn from. */
const ENOUGH_PAIRS = 10;

/** What was bought with products, categories or brands as items, and the settings with the names of these. */
export function levelled(bought: Bought, asked: BasketsConfig, level: ItemLevel) {
  const config = level === "product" ? namedAsShown(asked, labelledProducts(bought.products)) : asked;
  return { level, config, goods: goodsAt(bought, config, level) };
}

const wordsForProducts = (products: Table) =>
  labelledProducts(products).flatMap(({ label, name, code }) => [label, name, code]);

function labelledProducts(products: Table): LabelledItem[] {
  const [codes, names, labels] = ["product_key", "product_name", "product_label"].map((column) =>
    wordsIn(products, column),
  ) as [string[], string[], string[]];
  return codes.map((code, product) => ({ code, name: names[product]!, label: labels[product]! }));
}

/**
 * Sides of rules that name no item of a level that may be chosen.
 *
 * @throws CrmError `usage` with every name at once, and what may be meant
 */
export function refuseUnknownSides(products: Table, config: BasketsConfig): void {
  const levels = config.level === "auto" ? (["product", "category"] as const) : [config.level];
  const known = levels.flatMap((level) => [
    ...(level === "product" ? wordsForProducts(products) : labelsAt(products, level)),
  ]);
  refuseUnknown(sidesOf(config), [...new Set(known.filter((name) => name !== null))]);
}

/**
 * Products where enough of their pairs are frequent once baskets are clean, or where a side of rules names them; else
 * categories where there are two at least.
 */
export async function suitingLevel(
  bought: Bought,
  asked: BasketsConfig,
  rest: Rest,
): Promise<ReturnType<typeof levelled>> {
  const products = levelled(bought, asked, "product");
  const { config } = products;
  await rest();
  const cleaned = cleanBaskets(products.goods, config);
  const { baskets } = cleaned;
  refuseTooLarge(baskets, config.memory_mb);
  const minCount = config.min_count ?? leastCount(fractionOf(config.min_support), baskets.basketCount);
  await rest();
  const stretches = itemsetStretches(baskets, {
    ...{ minCount: Math.max(2, minCount), maxLength: 2 },
    budgetBytes: setBudget(baskets, config),
  });
  const found = await withRests(stretches, rest);
  const pairCount = found.lengths.filter((length) => length === 2).length;
  const categories = new Set(wordsIn(bought.products, "category").filter((category) => category !== null));
  const sides = Object.values(sidesOf(config)).flat();
  const isNamed = sides.length > 0 && sides.every((name) => products.goods.names.includes(name));
  const isProduct = isNamed || pairCount >= ENOUGH_PAIRS || categories.size < 2;
  return isProduct
    ? { ...products, goods: { ...products.goods, cleaned } }
    : levelled(bought, asked, "category");
}
