import { cellsOf } from "./cell-shapes.js";
import { guessLayout, type Layout } from "./guess-layout.js";
import {
  CUSTOMER_HEADINGS,
  DATE_HEADINGS,
  isOrderKindHeading,
  isNumberedName,
  ORDER_HEADINGS,
  plain,
} from "./headings.js";
import { continuedRows, filledRows, type FillDown } from "./inputs/fill-down.js";
import type { FileHints } from "./inputs/hints.js";
import type { RowHints } from "./row-kinds.js";

/**
 * How a file of orders is laid out, with what stands on the first row of an order alone on each of its rows, unless
 * rows are to be read as they stand.
 *
 * @throws CrmError as {@link guessLayout}
 */
export async function guessOrderLayout(path: string, hints: FileHints, rows: RowHints = {}): Promise<Layout> {
  const layout = await guessLayout(path, hints);
  return rows.isAll === true ? layout : filledDown(layout);
}

/**
 * A layout of a file of orders whose customer, day or status stands on the first row of an order alone: its first rows
 * with these cells on each, and of the others those that have them. Any other layout as it is.
 */
function filledDown(layout: Layout): Layout {
  const { headings, sample, firstCount } = layout;
  const head = sample.slice(0, firstCount);
  const fillDown = guessFillDown(headings, head);
  if (fillDown === undefined) return layout;
  const filled = filledRows(head, headings, fillDown);
  const isFirst = (row: readonly string[]) =>
    fillDown.columns.every((heading) => (row[headings.indexOf(heading)] ?? "").trim() !== "");
  return { ...layout, fillDown, sample: [...filled, ...sample.slice(firstCount).filter(isFirst)] };
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
  const placesOf = (is: (heading: string) => boolean) =>
    headings.flatMap((heading, column) => (column !== place && is(heading) ? [column] : []));
  const owning = placesOf(isOwning);
  const isContinued = continuedRows(head, {
    key: place,
    columns: owning.length > 0 ? [place, ...owning] : [],
  });
  const further = head.filter((_, row) => isContinued[row]);
  const first = head.filter((_, row) => !isContinued[row]);
  if (further.length < LEAST_ROWS) return undefined;
  const isOfFirst = (column: number) =>
    cellsOf(further, column).length <= (1 - NEARLY_ALL) * further.length &&
    cellsOf(first, column).length >= MOST * first.length;
  const columns = placesOf(isTelling).filter(isOfFirst);
  if (columns.length === 0) return undefined;
  const isNumberFilled = further.some((row) => (row[place] ?? "").trim() === "");
  return {
    key: key!,
    columns: [...(isNumberFilled ? [place] : []), ...columns].map((column) => headings[column]!),
  };
}

/** Whether a heading speaks of customer or day. */
const isOwning = (heading: string) =>
  [...CUSTOMER_HEADINGS, ...DATE_HEADINGS].some((pattern) => pattern.test(plain(heading)));

/** Whether a heading speaks of what all rows of an order share: customer, day, status or type. */
const isTelling = (heading: string) => isOrderKindHeading(heading) || isOwning(heading);
