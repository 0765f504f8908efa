import { defineAnalysis, type AnalysisContext } from "../analysis.js";
import { numbers } from "../table.js";
import { BasketsConfig } from "./baskets-config.js";
import { levelled, suitingLevel, type Bought } from "./baskets-level.js";
import { nextBest, NEXT_BEST_READS, nextBestSettings, nextBestSettingTables } from "./baskets-next-best.js";
import { nextBestLists, nextBestPart, nextBestPublished, withOffers } from "./baskets-next-best-section.js";
import { basketsSection } from "./baskets-section.js";
import { warnOfUnknown } from "./baskets-names.js";
import { studyBaskets } from "./baskets-study.js";
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
      config.level === "auto" ? suitingLevel(bought, config) : levelled(bought, config, config.level);
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
