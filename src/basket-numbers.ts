import { IS_SALE } from "./basket-rejects.js";
import { GOODS_COLUMNS } from "./basket-rows.js";
import type { Engine } from "./engines/engine.js";
import { ORDER_SPAN_DAYS } from "./entities.js";
import type { RelationName } from "./relation.js";
import { collect, onlyNumber } from "./table.js";
import type { Warn, Warning } from "./warning.js";

/** The rows whose baskets are looked at, whose file that is, and whether somebody asked for these baskets. */
export interface NumberedBaskets {
  readonly cells: RelationName;
  readonly file: string;
  readonly isAskedFor: boolean;
}

/** What makes one number stand for several baskets, what tells these apart, and what is said where that is done, or not. */
interface Ambiguity {
  readonly having: string;
  readonly own: string;
  readonly warningOf: (gaps: { readonly file: string; readonly count: number }, isKept: boolean) => Warning;
}

const AMBIGUITIES: readonly Ambiguity[] = [
  {
    having: "min(customer) < max(customer)",
    own: "basket || ' ' || coalesce(customer, '')",
    warningOf: (gaps, isKept) => ({ code: isKept ? "baskets_together" : "baskets_shared", gaps }),
  },
  {
    having: `days_between(min(order_date), max(order_date)) > ${ORDER_SPAN_DAYS}`,
    own: "basket || ' ' || coalesce(to_key(order_date), '') || ' ' || coalesce(customer, '')",
    warningOf: (gaps, isKept) => ({
      code: isKept ? "baskets_long" : "baskets_again",
      gaps: { ...gaps, days: ORDER_SPAN_DAYS },
    }),
  },
];

/** Baskets of several customers are told apart by customer, those whose rows lie far apart by day too, as their numbers begin again; baskets that were asked for stand, and are told of. */
export async function tellBasketsApart(
  { engine, warn }: { readonly engine: Engine; readonly warn: Warn },
  { cells, file, isAskedFor }: NumberedBaskets,
): Promise<void> {
  for (const { having, own, warningOf } of AMBIGUITIES) {
    const several = `select basket from ${cells} where ${IS_SALE} group by basket having ${having}`;
    const counted = await collect(
      engine.read(`select count(*) as basket_count from (${several}) as several`),
    );
    const count = onlyNumber(counted, "basket_count");
    if (count === 0) continue;
    warn(warningOf({ file, count }, isAskedFor));
    if (isAskedFor) continue;
    await engine.create(
      cells,
      `select case when basket in (${several}) then ${own} else basket end as basket, ${GOODS_COLUMNS} from ${cells}`,
    );
  }
}

/** Makes a basket of what a customer bought in so many days, counted back from the last. */
export async function windowBaskets(
  engine: Engine,
  cells: RelationName,
  { windowDays, asOfDate }: { readonly windowDays: number; readonly asOfDate: string | undefined },
): Promise<void> {
  const last =
    asOfDate === undefined ? `(select max(order_date) from ${cells} where ${IS_SALE})` : `date '${asOfDate}'`;
  const window = `to_key(floor(ratio(days_between(order_date, ${last}), ${windowDays})))`;
  await engine.create(cells, `select customer || ' ' || ${window} as basket, ${GOODS_COLUMNS} from ${cells}`);
}
