import { areNumbers, cellsOf } from "./cell-shapes.js";
import type { Layout } from "./guess-layout.js";
import {
  CUSTOMER_HEADINGS,
  DATE_HEADINGS,
  isKindHeading,
  isNumberedName,
  ORDER_HEADINGS,
  plain,
} from "./headings.js";
import { continuedRows, filledRows, type FillDown } from "./inputs/fill-down.js";

/**
 * A layout of a file of orders whose customer, day or status stands on the first row of an order alone: of its first
 * rows, with these cells on each. Any other layout as it is.
 */
export function filledDown(layout: Layout): Layout {
  const { headings, sample, firstCount } = layout;
  const head = sample.slice(0, firstCount);
  const fillDown = guessFillDown(headings, head);
  if (fillDown === undefined) return layout;
  return { ...layout, fillDown, sample: filledRows(head, headings, fillDown) };
}

/** Cells are of an order where so many of its further rows have none, and as many of the first rows have one. */
const NEARLY_ALL = 0.95;
const MOST = 0.5;
/** Fewer further rows tell nothing. */
const LEAST_ROWS = 3;

function guessFillDown(headings: readonly string[], head: Layout["sample"]): FillDown | undefined {
  const numbers = ORDER_HEADINGS.flatMap((pattern) =>
    headings.filter((heading) => pattern.test(plain(heading))),
  );
  const names = headings.filter((heading, column) =>
    isNumberedName(
      heading,
      head.map((row) => row[column]),
    ),
  );
  const [key] = [...numbers, ...names];
  const place = key === undefined ? -1 : headings.indexOf(key);
  if (place < 0 || cellsOf(head, place).length === 0) return undefined;
  const telling = headings.flatMap((heading, column) =>
    column !== place && isTelling(heading) ? [column] : [],
  );
  const candidates = telling.filter((column) => cellsOf(head, column).length < head.length);
  const isContinued = continuedRows(head, { key: place, columns: candidates });
  const further = head.filter((_, row) => isContinued[row]);
  const first = head.filter((_, row) => !isContinued[row]);
  if (further.length < LEAST_ROWS) return undefined;
  const isOfFirst = (column: number) =>
    cellsOf(further, column).length <= (1 - NEARLY_ALL) * further.length &&
    cellsOf(first, column).length >= MOST * first.length;
  if (!telling.some(isOfFirst)) return undefined;
  const columns = headings.flatMap((heading, column) => {
    const isText = isTelling(heading) || !areNumbers(cellsOf(first, column));
    return column !== place && heading !== "" && isText && isOfFirst(column) ? [heading] : [];
  });
  return { key: key!, columns };
}

/** Whether a heading speaks of what all rows of an order share: customer, day, status or type. */
const isTelling = (heading: string) =>
  isKindHeading(heading) ||
  [...CUSTOMER_HEADINGS, ...DATE_HEADINGS].some((pattern) => pattern.test(plain(heading)));
