import type { AnalysisContext } from "../analysis.js";
import { sureSteps } from "../models/moving-up.js";
import { numbers, tableOf } from "../table.js";

/** Writes `results.up_sell_steps`: the steps to a dearer product that customers surely make. */
export async function writeSureSteps(context: AnalysisContext<"features.up_sell">): Promise<void> {
  const table = await context.table("features.up_sell");
  const column = (name: string) => numbers(table, name);
  const [buyers, moved, back] = ["buyer_count", "moved_count", "back_count"].map(column);
  const [others, otherNext] = ["other_count", "other_next_count"].map(column);
  const steps = Array.from(buyers!, (buyerCount, row) => ({
    buyerCount,
    movedCount: moved![row]!,
    backCount: back![row]!,
    otherCount: others![row]!,
    otherNextCount: otherNext![row]!,
  }));
  const isSure = sureSteps(steps, column("compared_count")[0] ?? 0);
  const kept = (name: string) => column(name).filter((_, row) => isSure[row]);
  await context.write(
    "up_sell_steps",
    tableOf({ product_number: kept("product_number"), next_number: kept("next_number") }),
  );
}
