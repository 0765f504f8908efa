import type { Engine } from "../engines/engine.js";
import type { FileCount } from "../report.js";
import { collect, onlyNumber } from "../table.js";
import type { Warn } from "../warning.js";
import { toldSql } from "./cell-sql.js";
import type { Input } from "./ingest.js";
import { isStagedSql } from "./stage-sql.js";

/** Tells of consents that say neither yes nor no, which count as a no, and of those rejected, in which a no is not heard. */
export async function tellConsents(
  engine: Engine,
  { inputs, counts }: { readonly inputs: readonly Input[]; readonly counts: readonly FileCount[] },
  warn: Warn,
): Promise<void> {
  for (const [place, input] of inputs.entries()) {
    const { file, mapping, relation } = input;
    if (mapping.entity !== "consents") continue;
    const column = mapping.columns["is_permitted"]?.column ?? "";
    const isUnread = `(${toldSql(input, "is_permitted") ?? "1 = 0"}) is null and ${isStagedSql(input)}`;
    const unread = await collect(
      engine.read(`select count(*) as row_count from ${relation} where ${isUnread}`),
    );
    const count = onlyNumber(unread, "row_count");
    if (count > 0) warn({ code: "consents_unread", gaps: { file, column, count } });
    const { rowsRejected } = counts[place]!;
    if (rowsRejected > 0) warn({ code: "consents_rejected", gaps: { file, count: rowsRejected } });
  }
}
