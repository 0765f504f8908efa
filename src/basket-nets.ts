import { BROUGHT } from "./basket-rejects.js";
import { GOODS_COLUMNS } from "./basket-rows.js";
import type { Engine } from "./engines/engine.js";
import type { RelationName } from "./relation.js";
import { collect, onlyNumber } from "./table.js";

/**
 * What was sold and taken back on one document, as many or more, was not bought: its rows bring nothing, but one, which
 * is the return of what came back beyond that.
 *
 * @param document the columns that tell documents apart
 */
export async function netBaskets(engine: Engine, cells: RelationName, document: string): Promise<void> {
  const returned = `select basket from ${cells} where ${BROUGHT} < 0 and basket is not null`;
  const counted = await collect(
    engine.read(`select count(*) as return_count from (${returned}) as returned`),
  );
  if (onlyNumber(counted, "return_count") === 0) return;
  await engine.create(
    cells,
    `select basket, ${GOODS_COLUMNS} from ${cells} where basket not in (${returned})
    union all
    select basket, item, item_name, customer, order_date,
      case when not is_netted then amount else cast(case when place = 1 then least(net_amount, 0) else 0 * amount end as decimal(18, 4)) end as amount,
      case when not is_netted then quantity else cast(case when place = 1 then least(net_quantity, 0) else 0 end as decimal(18, 4)) end as quantity
    from (${judgedSql(`(select *, ${BROUGHT} as brought from ${cells} where basket in (${returned}))`, `${document}, item`)}) as judged`,
  );
}

/** Whether rows net to nothing: by quantities where each has the sign of what the row brought, else by that. */
function judgedSql(rows: string, item: string): string {
  const over = `over (partition by ${item})`;
  const signed = "quantity > 0 and brought > 0 or quantity < 0 and brought < 0";
  const areSigned = `count(case when ${signed} then 1 end) ${over} = count(case when brought <> 0 then 1 end) ${over}`;
  return `select *, coalesce(least_brought < 0 and most_brought > 0 and case when are_signed then net_quantity else net_brought end <= 0, 1 = 0) as is_netted
    from (
      select *, ${areSigned} as are_signed, min(brought) ${over} as least_brought, max(brought) ${over} as most_brought,
        sum(brought) ${over} as net_brought, sum(amount) ${over} as net_amount,
        sum(case when brought <> 0 then quantity end) ${over} as net_quantity,
        row_number() over (partition by ${item} order by brought, order_date, customer, item_name) as place
      from ${rows} as held
    ) as summed`;
}
