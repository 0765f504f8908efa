import { defineAnalysis, type AnalysisContext } from "../analysis.js";
import { sideBySide, type Pace } from "../pace.js";
import { numbers, texts as wordsIn, type Table } from "../table.js";
import { BasketsConfig } from "./baskets-config.js";
import { levelled, refuseUnknownSides, suitingLevel, type Bought, type BoughtRows } from "./baskets-level.js";
import { learnOffers, makeOffers } from "./baskets-next-best.js";
import { nextBestLists, nextBestPublished } from "./baskets-next-best-columns.js";
import { NEXT_BEST_READS, nextBestSettings, nextBestSettingTables } from "./baskets-next-best-config.js";
import { nextBestPart, withOffers } from "./baskets-next-best-section.js";
import { basketsSection } from "./baskets-section.js";
import { studyBaskets, warnOfStudy } from "./baskets-study.js";
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
    refuseUnknownSides(bought.products, config);
    const learnt = await learnOffers(context, config);
    // The engine makes offers while rules and sequences are looked for here.
    const [{ level, study }, offers] = await sideBySide(
      studyBought(bought, config, context.pace),
      makeOffers(context, config, learnt),
    );
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
    warnOfStudy(study, config, context.warn);
    const part = await nextBestPart(context, offers);
    return withOffers(section, part, context.texts);
  },
});

/** Rules and sequences of products, categories or brands, as set or as suits. */
async function studyBought(bought: Bought, asked: BasketsConfig, pace: Pace) {
  const { level, goods, config } = await pace("level", bought.rows.products.length, async (rest) =>
    asked.level === "auto" ? suitingLevel(bought, asked, rest) : levelled(bought, asked, asked.level),
  );
  return { level, study: await studyBaskets(goods, config, pace) };
}

const MILLISECONDS_A_DAY = 86_400_000;

async function readBought(context: BasketsContext): Promise<Bought> {
  const rows = await readRows(context);
  const products = await context.table("features.basket_products");
  return {
    rows,
    basketCount: behind(rows.baskets),
    customerCount: behind(rows.customers),
    lastDay: Date.parse(context.run.asOfDate) / MILLISECONDS_A_DAY,
    products,
    ...(await moneyOf(context, products)),
  };
}

async function readRows(context: BasketsContext): Promise<BoughtRows> {
  const names = ["basket_number", "customer_id", "product_number", "order_day"] as const;
  const table = await context.table("features.baskets", names);
  const [baskets, customers, products, days] = names.map((name) => numbers(table, name));
  return {
    baskets: numberedAnew(baskets!),
    customers: numberedAnew(customers!),
    products: products!,
    days: days!,
  };
}

/** Whole numbers from 0, numbered from 0 in their order without those that are none of them. */
function numberedAnew(values: Float64Array): Float64Array {
  const places = new Int32Array(behind(values) + 1);
  for (const value of values) places[value + 1] = 1;
  for (let value = 1; value < places.length; value++) places[value]! += places[value - 1]!;
  return values.map((value) => places[value]!);
}

const behind = (places: Float64Array) => places.reduce((last, place) => Math.max(last, place), -1) + 1;

/** Margin of each product; where the cost of some lines is unknown, revenue times the rate that offers go by. */
async function moneyOf(
  context: BasketsContext,
  products: Table,
): Promise<Pick<Bought, "amounts" | "isMargin">> {
  const known = await context.table("features.next_best_products", [
    "place",
    "product_number",
    "margin_rate",
    "money_basis",
  ]);
  const [places, rates] = [numbers(known, "place"), numbers(known, "margin_rate")];
  const bases = wordsIn(known, "money_basis");
  const rateOf = new Map<number, number>();
  numbers(known, "product_number").forEach((product, row) => {
    if (places[row] === 0) rateOf.set(product, rates[row]!);
  });
  const [margins, revenues] = [numbers(products, "line_margin"), numbers(products, "line_amount")];
  const amounts = numbers(products, "product_number").map((product, row) =>
    Number.isNaN(margins[row]!) ? revenues[row]! * (rateOf.get(product) ?? 1) : margins[row]!,
  );
  const isMargin = bases.some((basis, row) => places[row] === 0 && basis !== "revenue");
  return { amounts, isMargin: isMargin || !(margins.length === 0 || margins.some(Number.isNaN)) };
}
