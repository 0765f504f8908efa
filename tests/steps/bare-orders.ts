import { guessOrders } from "../../src/guess.js";
import type { RowHints } from "../../src/row-kinds.js";
import { ingest } from "../../src/steps/ingest.js";
import { stage } from "../../src/steps/stage.js";
import { warningRecords, type Warning } from "../../src/warning.js";
import { fileIn, openWarehouse, rowsOf, temporaryFolder } from "../engines/warehouse.js";

/** Reads bare files of orders, as a question does before it is answered. */
export async function counted(files: Readonly<Record<string, readonly string[]>>, rows: RowHints = {}) {
  const engine = await openWarehouse();
  const directory = temporaryFolder();
  const mappings = [];
  for (const [name, lines] of Object.entries(files)) {
    const path = fileIn(directory, `${name}.csv`, lines.join("\n"));
    mappings.push([name, (await guessOrders(path, { columns: {}, rows })).mapping] as const);
  }
  const warnings: string[] = [];
  const warn = (warning: Warning) => warnings.push(...warningRecords([warning]).warnings);
  const mapping = { source: "orders", description: "", files: Object.fromEntries(mappings) };
  const context = { engine, temporaryDirectory: temporaryFolder(), warn };
  const inputs = await ingest([{ name: "orders", directory, mapping }], context);
  const finding = {
    leavesTotals: rows.isAll !== true,
    weighsAmounts: rows.amountPer === undefined,
  };
  const counts = await stage(engine, inputs, { warn, ...finding });
  const [money] = await rowsOf(
    engine,
    "select cast(sum(line_amount) as double) as money, count(*) as row_count from staged.order_lines",
  );
  const rejects = await rowsOf(
    engine,
    "select line_number, column_name, value, reason from staged.rejects order by file_id, line_number",
  );
  return { engine, inputs, ...(money as { money: number; row_count: number }), warnings, counts, rejects };
}
