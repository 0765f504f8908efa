import { IS_SALE } from "./basket-rejects.js";
import { GOODS_COLUMNS } from "./basket-rows.js";
import type { Engine } from "./engines/engine.js";
import { ORDER_SPAN_DAYS } from "./entities.js";
import type { RelationName } from "./relation.js";
import { collect, onlyNumber } from "./table.js";
import type { Warn } from "./warning.js";

/** The rows whose baskets are looked at, whose file that is, and whether somebody asked for these baskets. */
export interface NumberedBaskets {
  readonly cells: RelationName;
  readonly file: string;
  readonly isAskedFor: boolean;
}

/** Baskets whose rows lie far apart are told apart by day and customer, as their numbers begin again; baskets that were asked for stand, and are told of. */
export async function tellBasketsApart(
  { engine, warn }: { readonly engine: Engine; readonly warn: Warn },
  { cells, file, isAskedFor }: NumberedBaskets,
): Promise<void> {
  const distant = `select basket from ${cells} where ${IS_SALE} group by basket
    having days_between(min(order_date), max(order_date)) > ${ORDER_SPAN_DAYS}`;
  const counted = await collect(engine.read(`select count(*) as basket_count from (${distant}) as distant`));
  const count = onlyNumber(counted, "basket_count");
  if (count === 0) return;
  warn({ code: isAskedFor ? "baskets_long" : "baskets_again", gaps: { file, count, days: ORDER_SPAN_DAYS } });
  if (isAskedFor) return;
  const own = "basket || ' ' || coalesce(to_key(order_date), '') || ' ' || coalesce(customer, '')";
  await engine.create(
    cells,
    `select case when basket in (${distant}) then ${own} else basket end as basket, ${GOODS_COLUMNS} from ${cells}`,
  );
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
