import { Option } from "@commander-js/extra-typings";
import {
  addQuestion,
  asked,
  given,
  parseDay,
  parseNames,
  parseShare,
  parseWhole,
  type Parent,
  type Result,
} from "./flags.js";

/** `crm-analyze value`: of a pipeline or of orders. */
export function addValue(crm: Parent, signal: AbortSignal, result: Result): void {
  addQuestion(crm, "value", "what customers have contributed, and what they will be worth")
    .option("--horizon-days <days>", "how far ahead value is counted; default 365", parseWhole)
    .option("--discount-rate <rate>", "a year; default 0.1", parseShare)
    .option(
      "--calibration-end <date>",
      "last day the backtest may know; default: chosen from the data",
      parseDay,
    )
    .addOption(
      new Option("--time-unit <unit>", "of the models' parameters; default week").choices([
        "day",
        "week",
        "month",
      ] as const),
    )
    .option("--models <names>", "auto, or models to try, e.g. bg-nbd,pareto-nbd; default auto", parseNames)
    .addOption(
      new Option("--money <what>", "what an order is worth; default margin where costs are known").choices([
        "revenue",
        "margin",
      ] as const),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (paths, options) => {
      const { askCommand } = await import("../commands/ask.js");
      const settings = given({
        horizon_days: options.horizonDays,
        discount_rate: options.discountRate,
        calibration_end: options.calibrationEnd,
        time_unit: options.timeUnit,
        models: options.models,
        money: options.money,
      });
      result.exitCode = await askCommand({ analysis: "value", paths, settings, signal, ...asked(options) });
    });
}

const EXAMPLES = `
Examples:
  crm-analyze value orders.csv
  crm-analyze value orders.csv --horizon-days 730 --discount-rate 0.08 --out value
  crm-analyze value orders.csv --models bg-nbd,pareto-nbd --calibration-end 2025-06-30
  crm-analyze value pipelines/demo.yml --lang zh
`;
