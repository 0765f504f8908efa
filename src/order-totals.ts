import { withoutUnit } from "./amount-units.js";
import type { Engine } from "./engines/engine.js";
import { plain } from "./guess-layout.js";
import type { Input } from "./steps/ingest.js";
import { collect, onlyNumber } from "./table.js";
import type { Warn } from "./warning.js";

/** Headings of money that is an order's and not a row's. */
const ORDER_TOTAL = new RegExp(
  [
    "^(order|invoice|receipt|transaction|basket|ticket)(total|amount|value|sum|totalamount)(eur|usd|cny|gbp)?$",
    "^(订单|单据|发票|小票)总?(金额|总额|总价|合计)元?$",
    "^(auftrags|bestell|rechnungs|beleg)(summe|betrag|wert)(eur)?$",
  ].join("|"),
);

/** Whether a heading speaks of what a whole order costs. */
export const isOrderTotal = (heading: string) => ORDER_TOTAL.test(plain(withoutUnit(heading)));

/** Of orders of several rows the share from which on the same amount on all rows is no chance. */
const LEAST_SHARE = 0.95;

/** Warns where the total of an order stands on each of its rows, by its heading and by its cells, and is added up. */
export async function warnOfOrderTotals(
  engine: Engine,
  { file, mapping }: Pick<Input, "file" | "mapping">,
  warn: Warn,
): Promise<void> {
  const heading = mapping.columns["line_amount"]?.column;
  if (heading === undefined || !isOrderTotal(heading)) return;
  const orders = await collect(
    engine.read(`select count(*) as order_count, coalesce(sum(case when least_amount = most_amount then 1 else 0 end), 0) as same_count
      from (select min(line_amount) as least_amount, max(line_amount) as most_amount
        from staged.order_lines where line_amount > 0 group by order_key having count(*) > 1) as orders`),
  );
  const [all, count] = [onlyNumber(orders, "order_count"), onlyNumber(orders, "same_count")];
  if (all > 0 && count >= LEAST_SHARE * all)
    warn({ code: "order_totals", gaps: { file, heading, count, all } });
}
