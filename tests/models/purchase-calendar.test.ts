import fc from "fast-check";
import { expect, test } from "vitest";
import { MOST_SEQUENCE_ITEMS, purchaseCalendar, startsOf } from "../../src/models/purchase-calendar.js";
import { listsOf } from "./basket-cases.js";

const columns = (rows: readonly (readonly [customer: number, day: number, item: number])[]) => ({
  customers: rows.map(([customer]) => customer),
  days: rows.map(([, day]) => day),
  items: rows.map(([, , item]) => item),
});

const ROWS = [
  [1, 30, 5],
  [0, 10, 5],
  [1, 10, 7],
  [0, 10, 7],
  [1, 30, 5],
  [0, 12, 9],
  [1, 101, 5],
] as const;

test("days of each customer come in order, with the items bought on two days or more", () => {
  const calendar = purchaseCalendar(columns(ROWS), 2);
  expect([...calendar.customerStarts]).toEqual([0, 2, 5]);
  expect([...calendar.days]).toEqual([10, 12, 10, 30, 101]);
  expect(calendar.items).toEqual([5, 7]);
  expect(listsOf(calendar.baskets)).toEqual([[0, 1], [], [1], [0], [0]]);
  expect(calendar.leftOutCount).toBe(0);
});

test("a day is a start where its window is over, and its window ends before the first later day", () => {
  const calendar = purchaseCalendar(columns(ROWS), 1);
  const starts = [...startsOf(calendar, { withinDays: 20, lastDay: 50 })];
  expect(starts).toEqual([
    { customer: 0, day: 0, end: 2 },
    { customer: 0, day: 1, end: 2 },
    { customer: 1, day: 2, end: 4 },
    { customer: 1, day: 3, end: 4 },
  ]);
  expect([...startsOf(calendar, { withinDays: 20, lastDay: 49 })].map(({ day }) => day)).toEqual([0, 1, 2]);
});

test("of more items than are told apart the rarest are left out", () => {
  const rows = Array.from({ length: MOST_SEQUENCE_ITEMS + 3 }, (_, item) => [0, 1, item] as const);
  const twice = rows.map(([customer, , item]) => [customer, 2, item] as const).slice(3);
  const { items, leftOutCount } = purchaseCalendar(columns([...rows, ...twice]), 1);
  expect(leftOutCount).toBe(3);
  expect([items[0], items.length]).toEqual([3, MOST_SEQUENCE_ITEMS]);
});

test("the order of the rows makes no difference", () => {
  const row = fc.tuple(
    fc.integer({ min: 0, max: 4 }),
    fc.integer({ min: 5, max: 40 }),
    fc.integer({ min: 0, max: 6 }),
  );
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
      const sorted = rows.toSorted((a, b) => b[2] - a[2] || b[1] - a[1] || b[0] - a[0]);
      expect(purchaseCalendar(columns(sorted), 2)).toEqual(purchaseCalendar(columns(rows), 2));
    }),
  );
});
