import { expect, test } from "vitest";
import { warnOfUnits, withoutUnit } from "../src/amount-units.js";
import { plain } from "../src/headings.js";

const toldOf = (heading: string) => {
  const told: unknown[] = [];
  warnOfUnits("sales.csv", [undefined, heading], ({ gaps }) => told.push(gaps));
  return told;
};

test.each([
  ..."金额(万元)|销售额（千元）|金额（万）|销售额 百万元|Amount (k EUR)|Amount in k€|Sales (K)|Umsatz in TEUR".split(
    "|",
  ),
  ..."Umsatz T€|Umsatz (Mio. EUR)|Betrag in Tsd.|Revenue in thousands|Revenue MUSD|Amount ('000)".split("|"),
  ..."Revenue (€k)|Revenue $M|Sales ($m)|Amount EURk|Amount (USD k)|Revenue (bn)|Revenue (billion USD)".split(
    "|",
  ),
  ..."Amount k Euro|Sales in K|sales_k_eur|Umsatz in Mill.|Umsatz (Mrd. €)|Revenue €'000|Revenue (₹ crore)".split(
    "|",
  ),
  ..."金額（萬元）|金额千圓|金额/万|销售额(万美元)|金额(单位:万元)|金额（亿）".split("|"),
])("%s is told of", (heading) => {
  expect(toldOf(heading)).toEqual([{ file: "sales.csv", heading }]);
});

test.each(
  "金额|金额(元)|实付金额（人民币）|Amount|Amount EUR|Net amt EUR|Betrag (EUR)|Umsatz 2000|Millerbetrag|Item total USD|Sales MN|万元店金额|Amount USD 2000|Price EUR/m|Amount in USD|Sales bank|Amount (USDT)".split(
    "|",
  ),
)("%s is not", (heading) => {
  expect(toldOf(heading)).toEqual([]);
});

test.each([
  ["金额(万元)", "金额"],
  ["Amount (k EUR)", "amount"],
  ["Amount in k€", "amount"],
  ["Umsatz in TEUR", "umsatz"],
  ["Sales (K)", "sales"],
  ["Revenue in thousands", "revenue"],
  ["Revenue (€k)", "revenue"],
  ["Revenue $M", "revenue"],
  ["Revenue (billion USD)", "revenue"],
  ["sales_k_eur", "sales"],
  ["Umsatz in Mill.", "umsatz"],
  ["Umsatz (Mio. EUR)", "umsatz"],
  ["金额/万", "金额"],
  ["金额(单位:万元)", "金额"],
  ["万元店金额", "万元店金额"],
  ["Item total USD", "itemtotalusd"],
])("%s names %s beside its unit", (heading, name) => {
  expect(plain(withoutUnit(heading))).toBe(name);
});
