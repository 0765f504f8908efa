import type { Engine } from "../../src/engines/engine.js";
import { built } from "./churn-warehouse.js";

/** Builds `results.next_best_candidates` where no rule makes offers; the turn and the lifts of pairs are there. */
export async function candidatesBuilt(engine: Engine): Promise<Engine> {
  await engine.create(
    "results.next_best_rule_sides",
    "select 0 as rule_number, 0 as left_number where 1 = 0",
  );
  await engine.create(
    "results.next_best_rules",
    "select 0 as rule_number, 2 as left_count, 0 as right_number, '' as left_names where 1 = 0",
  );
  await engine.create(
    "results.next_best_rule_lifts",
    "select 0 as rule_number, 1 as band, 1e0 as lift where 1 = 0",
  );
  const parts = ["rule_outcomes", "popular_rates", "again_rates", "unled", "evidence", "candidates"] as const;
  return built(engine, ...parts.map((part) => `results.next_best_${part}` as const));
}
