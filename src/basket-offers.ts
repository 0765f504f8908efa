import type { PublishedTable } from "./analysis.js";
import { nextBest } from "./analyses/baskets-next-best.js";
import { nextBestPublished } from "./analyses/baskets-next-best-columns.js";
import { NEXT_BEST_READS } from "./analyses/baskets-next-best-config.js";
import { nextBestPart, type OfferPart } from "./analyses/baskets-next-best-section.js";
import { inRevenue } from "./analyses/baskets-next-best-tables.js";
import type { BasketsConfig } from "./analyses/baskets-config.js";
import { baskets } from "./analyses/baskets.js";
import { ITEM_NAMES } from "./basket-names.js";
import { CELLS } from "./basket-rows.js";
import { BROUGHT, IS_SALE } from "./basket-rejects.js";
import type { Engine } from "./engines/engine.js";
import { ENTITIES, type EntityName } from "./entities.js";
import type { Log } from "./log.js";
import { barePlan, LATEST } from "./pipeline.js";
import { readRelations } from "./relation.js";
import { buildFor, contextOf } from "./steps/analyze.js";
import { datedPlan } from "./steps/gates.js";
import { settle } from "./steps/settle.js";
import { stageNothing } from "./steps/stage.js";
import { unify } from "./steps/unify.js";
import { textsIn, type Language } from "./texts/index.js";

/** What offers of a bare file depend on beside its rows. */
export interface FileOffersRequest {
  readonly config: BasketsConfig;
  /** The name of the file. */
  readonly name: string;
  /** False where it has no amounts. */
  readonly hasMoney: boolean;
  readonly asOfDate: string | undefined;
  readonly language: Language;
  readonly currency: string | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What to offer whom: its part of the section, and the rows to publish. */
export interface FileOffers {
  readonly part: OfferPart;
  readonly published: PublishedTable;
  /** The day offers are for. */
  readonly asOfDate: string;
}

/**
 * What to offer whom next, of a bare file whose rows stand in {@link CELLS}: they are staged as order lines, and all
 * that follows is what a pipeline does.
 */
export async function offersOfFile(engine: Engine, request: FileOffersRequest): Promise<FileOffers> {
  const { log, language, signal, config, hasMoney } = request;
  await stageNothing(engine);
  await engine.create("staged.order_lines", orderLinesSql(hasMoney));
  await engine.create("staged.products", productsSql());
  const asked = barePlan(
    { name: request.name, directory: "", files: {} },
    {
      asOfDate: request.asOfDate ?? LATEST,
      language,
      currency: request.currency,
      analyses: { baskets: config },
    },
  );
  const { run, ...plan } = await datedPlan(engine, asked, log.warn);
  await settle(engine, { ...plan, run }, undefined);
  const texts = textsIn(language);
  const context = {
    engine,
    log,
    signal,
    texts,
    relations: readRelations(),
    run: { ...run, previousDate: null },
  };
  await unify(context);
  await buildFor([{ ...baskets, reads: NEXT_BEST_READS }], context, false);
  const analysis = contextOf(context);
  const basis = { hasMoney, isFile: true };
  const part = await nextBestPart(analysis, await nextBest(analysis, config), basis);
  const { columns, ...published } = nextBestPublished(texts);
  return {
    part,
    asOfDate: run.asOfDate,
    published: {
      ...published,
      columns: inRevenue(columns, texts).filter(({ name }) => isKnownOfFile(name, hasMoney)),
    },
  };
}

/** A file tells of no consents, and may tell of no money. */
const isKnownOfFile = (column: string, hasMoney: boolean) =>
  column !== "permitted_channels" && (hasMoney || column !== "expected_margin");

/**
 * The rows that say who bought what when. What lay in one basket on a day is one document and what the customer gave back
 * that day another, so that a large return takes nothing off what was bought beside it. Without amounts each purchase
 * counts 1, in the first of its baskets of that day.
 */
function orderLinesSql(hasMoney: boolean): string {
  const filled: Readonly<Record<string, string>> = {
    order_key: `case when ${IS_SALE} then 'sale ' || basket else 'return' end || ' ' || to_key(order_date) || ' ' || customer`,
    customer_key: "customer",
    order_date: "order_date",
    product_key: "item",
    quantity: "quantity",
    line_amount: "amount",
  };
  const columns = columnsOf("order_lines", filled);
  const isKnown = "customer is not null and order_date is not null";
  const rows = hasMoney
    ? `(select * from ${CELLS} where ${isKnown} and amount is not null)`
    : `(select min(basket) as basket, customer, order_date, item, ${DECIMAL(1)} as quantity,
        case when ${IS_SALE} then ${DECIMAL(1)} else ${DECIMAL(-1)} end as amount
      from ${CELLS} where ${isKnown} and ${BROUGHT} <> 0 group by customer, order_date, item, ${IS_SALE})`;
  return `select ${columns} from ${rows} as cells`;
}

/** What the items are called. */
const productsSql = () =>
  `select ${columnsOf("products", { product_key: "item", product_name: "item_label" })} from ${ITEM_NAMES}`;

/** The columns of an entity, those of no column of the file empty. */
function columnsOf(entity: EntityName, filled: Readonly<Record<string, string>>): string {
  const columns = Object.entries(ENTITIES[entity].columns).map(
    ([name, type]) => `${filled[name] ?? `empty_${type}()`} as ${name}`,
  );
  return `cast(1 as smallint) as file_id, 'file' as source, ${columns.join(", ")}, 1 = 1 as is_readable`;
}

const DECIMAL = (value: number) => `cast(${value} as decimal(18, 4))`;
