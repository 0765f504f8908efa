import { seeded } from "../../src/random.js";

/** A table of cells under headings. */
export interface CellTable {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Customers of whom those on a monthly plan leave at 60 % with complaints and at 20 % without, the others at 5 %,
 * and of whom age, region and fee say nothing.
 */
export function labelledCustomers(rowCount = 600): CellTable {
  const random = seeded(11);
  const rows = Array.from({ length: rowCount }, (_, row) => {
    const plan = random() < 0.5 ? "monthly" : "yearly";
    const complaints = Math.floor(random() * 4);
    const risk = plan === "yearly" ? 0.05 : complaints > 1 ? 0.6 : 0.2;
    const age = random() < 0.05 ? "" : String(18 + Math.floor(random() * 60));
    const region = ["north", "south", 'the "west"', "东"][Math.floor(random() * 4)]!;
    const fee = (5 + Math.floor(random() * 9000) / 100).toFixed(2);
    const left = random() < risk ? "Yes" : "No";
    return [`C-${(row * 7919) % 100_003}`, plan, String(complaints), age, region, fee, left];
  });
  return { headings: ["customerID", "plan", "complaints", "age", "region", "fee", "Churn"], rows };
}

/** The table with a column more, or with one replaced. */
export function withColumn(
  { headings, rows }: CellTable,
  heading: string,
  cellOf: (row: number, cells: readonly string[]) => string,
): CellTable {
  const place = headings.indexOf(heading) < 0 ? headings.length : headings.indexOf(heading);
  return {
    headings: place < headings.length ? headings : [...headings, heading],
    rows: rows.map((cells, row) => [...cells.slice(0, place), cellOf(row, cells), ...cells.slice(place + 1)]),
  };
}

/** The table as CSV. */
export function csvText({ headings, rows }: CellTable): string {
  const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `${[headings, ...rows].map((cells) => cells.map(cell).join(",")).join("\n")}\n`;
}
