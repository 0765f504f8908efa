import { defineAnalysis, type AnalysisContext } from "../analysis.js";
import { basketsOf } from "../models/item-baskets.js";
import { frequentItemsets } from "../models/frequent-itemsets.js";
import { fractionOf, leastCount } from "../models/whole-thresholds.js";
import { numbers, texts as wordsIn, type Table } from "../table.js";
import { BasketsConfig } from "./baskets-config.js";
import { nextBest, NEXT_BEST_READS, nextBestSettings, nextBestSettingTables } from "./baskets-next-best.js";
import { nextBestLists, nextBestPart, nextBestPublished, withOffers } from "./baskets-next-best-section.js";
import { basketsSection } from "./baskets-section.js";
import { warnOfUnknown } from "./baskets-names.js";
import { studyBaskets, type BasketGoods } from "./baskets-study.js";
import { ruleColumns, ruleTable, sequenceColumns, sequenceTable } from "./baskets-tables.js";

const READS = ["features.baskets", ...NEXT_BEST_READS] as const;
type BasketsContext = AnalysisContext<(typeof READS)[number]>;

/** What goes with what, and what follows what. */
export const baskets = defineAnalysis({
  name: "baskets",
  question: "What goes with what, and what do customers buy next?",
  config: BasketsConfig,
  reads: READS,
  needs: [["order_lines"]],

  settings: (config) => ({
    by: config.by,
    window_days: config.window_days,
    common_share: config.common_share,
    ...nextBestSettings(config),
  }),
  settingTables: (config) => nextBestSettingTables(config),
  published: (texts) => [
    {
      name: "basket-rules",
      relation: "results.basket_rules",
      columns: ruleColumns(texts.baskets),
      order: "rule_number",
    },
    {
      name: "basket-sequences",
      relation: "results.basket_sequences",
      columns: sequenceColumns(texts.baskets),
      order: "sequence_number",
    },
    nextBestPublished(texts),
  ],
  lists: (texts) => nextBestLists(texts),

  async run(context, config) {
    const bought = await readBought(context);
    const { level, goods } =
      config.level === "auto" ? suitingLevel(bought, config) : levelled(bought, config.level);
    const study = await studyBaskets(goods, config, context.pace);
    await context.write("basket_rule_rows", ruleTable(study));
    await context.write("basket_sequence_rows", sequenceTable(study));
    const { language, currency } = context.run;
    const section = basketsSection(study, {
      config,
      level,
      isMargin: bought.isMargin,
      hasMoney: true,
      texts: context.texts.baskets,
      locale: { language, currency: currency ?? "" },
    });
    warnOfUnknown(study.unknown, context.warn);
    const part = await nextBestPart(context, await nextBest(context, config));
    return withOffers(section, part, context.texts);
  },
});

/** Rows of baskets and products as they were read. */
interface Bought {
  readonly rows: Table;
  readonly basketCount: number;
  readonly customerCount: number;
  readonly lastDay: number;
  readonly products: Table;
  /** False where the cost of some product is not known: then revenue counts. */
  readonly isMargin: boolean;
}

const MILLISECONDS_A_DAY = 86_400_000;

async function readBought(context: BasketsContext): Promise<Bought> {
  const rows = await context.table("features.baskets");
  const products = await context.table("features.basket_products");
  const most = (name: string) => numbers(rows, name).reduce((last, value) => Math.max(last, value), -1) + 1;
  return {
    rows,
    basketCount: most("basket_number"),
    customerCount: most("customer_number"),
    lastDay: Date.parse(context.run.asOfDate) / MILLISECONDS_A_DAY,
    products,
    isMargin: products.numRows > 0 && !numbers(products, "line_margin").some(Number.isNaN),
  };
}

/** What an item can be. */
export type ItemLevel = "product" | "category" | "brand";

/** Products in their order of the table, under the name that tells them apart, and what they count as at a level. */
function goodsAt(bought: Bought, level: ItemLevel): BasketGoods {
  const { rows, products, basketCount } = bought;
  const labels = labelsAt(products, level);
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
  const product = numbers(rows, "product_number");
  return {
    names,
    groups,
    margins: marginsOf(bought, itemOf, names.length),
    basketCount,
    baskets: numbers(rows, "basket_number"),
    items: product.map((number) => itemOf[number]!),
    buyers: {
      customerCount: bought.customerCount,
      customers: numbers(rows, "customer_number"),
      days: numbers(rows, "order_day"),
      lastDay: bought.lastDay,
    },
  };
}

/** Two products of one name are told apart by their keys. */
function labelsAt(products: Table, level: ItemLevel): (string | null)[] {
  if (level !== "product") return wordsIn(products, level);
  const names = wordsIn(products, "product_name").map((name) => name!);
  const keys = wordsIn(products, "product_key");
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.map((name, place) => (counts.get(name) === 1 ? name : `${name} (${keys[place]!})`));
}

/** What one line of the item has brought: margin where every cost is known, else revenue. */
function marginsOf(
  { products, isMargin }: Bought,
  itemOf: readonly number[],
  itemCount: number,
): Float64Array {
  const amounts = numbers(products, isMargin ? "line_margin" : "line_amount");
  const lines = numbers(products, "line_count");
  const [sums, counts] = [new Float64Array(itemCount), new Float64Array(itemCount)];
  itemOf.forEach((item, product) => {
    if (item < 0) return;
    sums[item]! += amounts[product]!;
    counts[item]! += lines[product]!;
  });
  return sums.map((sum, item) => sum / counts[item]!);
}

/** So many frequent pairs are enough to learn from. */
const ENOUGH_PAIRS = 10;

const levelled = (bought: Bought, level: ItemLevel) => ({ level, goods: goodsAt(bought, level) });

/** Products where enough of their pairs are frequent, else categories where there are two at least. */
function suitingLevel(bought: Bought, config: BasketsConfig): ReturnType<typeof levelled> {
  const products = levelled(bought, "product");
  const { names, baskets, items, basketCount } = products.goods;
  const all = basketsOf({ baskets, items }, { basketCount, itemCount: names.length });
  const minCount = config.min_count ?? leastCount(fractionOf(config.min_support), basketCount);
  const found = frequentItemsets(all, { minCount: Math.max(2, minCount), maxLength: 2 });
  const pairCount = found.lengths.filter((length) => length === 2).length;
  const categories = new Set(wordsIn(bought.products, "category").filter((category) => category !== null));
  return pairCount >= ENOUGH_PAIRS || categories.size < 2 ? products : levelled(bought, "category");
}
