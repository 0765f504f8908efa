import { shareEstimate } from "../math/estimate.js";
import { column } from "../section-part.js";
import type { ShownTable } from "../section.js";
import { days, numbers, tableOf } from "../table.js";
import type { ChurnContext } from "./churn-findings.js";

/** How a forecast of an earlier run turned out. */
export interface Reliability {
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly customerCount: number;
  /** Share of its customers who were expected to leave within its window, and of those who did by tonight. */
  readonly foretoldRate: number;
  readonly cameRate: number;
  /** Leavers among the tenth with the highest probability, of all leavers. */
  readonly topShare: number;
  /** False while more may still leave. */
  readonly isOver: boolean;
  /** True when what was foretold lies outside the 95 % interval of what came, by a tenth of it or more. */
  readonly isOff: boolean;
}

/** How the forecasts of about 30, 90 and 180 days ago turned out, the oldest first; none where there was no run. */
export async function reliabilityOf(context: ChurnContext): Promise<Reliability[]> {
  await context.build("churn_track");
  const rows = await context.table("results.churn_track");
  const dates = days(rows, "score_date");
  return [...new Set(dates)].toSorted().map((date) => {
    const own = dates.flatMap((other, row) => (other === date ? [row] : []));
    const sum = (name: string, chosen = own) => {
      const values = numbers(rows, name);
      return chosen.reduce((total, row) => total + values[row]!, 0);
    };
    const top = own.filter((row) => numbers(rows, "decile")[row] === 1);
    const [customers, came, foretold] = [sum("customer_count"), sum("silent_count"), sum("foretold_count")];
    const isOver = rows.getChild("is_over")!.get(own[0]!) === true;
    const interval = shareEstimate(came, customers);
    const [rate, expected] = [came / customers, foretold / customers];
    const isOutside = expected < interval.low || expected > interval.high;
    return {
      date: date!,
      customerCount: customers,
      foretoldRate: expected,
      cameRate: rate,
      topShare: came === 0 ? NaN : sum("silent_count", top) / came,
      isOver,
      isOff: isOver && isOutside && Math.abs(expected - rate) > rate / 10,
    };
  });
}

/** A row a forecast. */
export function reliabilityTable(
  { texts: { churn } }: ChurnContext,
  forecasts: readonly Reliability[],
): ShownTable {
  const texts = churn.forecast;
  const number = (of: (forecast: Reliability) => number) => Float64Array.from(forecasts, of);
  return {
    name: "track",
    title: texts.track,
    caption: texts.trackCaption,
    rows: tableOf({
      date: forecasts.map(({ date }) => date),
      customers: number(({ customerCount }) => customerCount),
      foretold: number(({ foretoldRate }) => foretoldRate),
      came: number(({ cameRate }) => cameRate),
      top: number(({ topShare }) => topShare),
      is_over: forecasts.map(({ isOver }) => (isOver ? texts.yes : texts.notYet)),
    }),
    columns: [
      column("date", texts.scored, "text"),
      column("customers", texts.customers, "integer"),
      column("foretold", texts.foretoldRate, "percent"),
      column("came", texts.cameSoFar, "percent"),
      column("top", texts.topTenth, "percent"),
      column("is_over", texts.windowOver, "text"),
    ],
  };
}
