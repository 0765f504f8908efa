import { expect, test } from "vitest";
import { warnOfUnits, withoutUnit } from "../src/amount-units.js";
import { plain } from "../src/guess-layout.js";

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
])("%s is told of", (heading) => {
  expect(toldOf(heading)).toEqual([{ file: "sales.csv", heading }]);
});

test.each(
  "金额|金额(元)|实付金额（人民币）|Amount|Amount EUR|Net amt EUR|Betrag (EUR)|Umsatz 2000|Millerbetrag|Item total USD".split(
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
  ["Item total USD", "itemtotalusd"],
])("%s names %s beside its unit", (heading, name) => {
  expect(plain(withoutUnit(heading))).toBe(name);
});
