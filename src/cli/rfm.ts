import { Option } from "@commander-js/extra-typings";
import { addQuestion, asked, given, parseWhole, type Parent, type Result } from "./flags.js";

/** `crm-analyze rfm`: of a pipeline or of orders. */
export function addRfm(crm: Parent, signal: AbortSignal, result: Result): void {
  addQuestion(
    crm,
    "rfm",
    "who is slipping, and who of them matters: from a pipeline, or from bare files of orders",
  )
    .option("--bins <n>", "scores go from 1 to this, 3 to 10; default 5", parseWhole)
    .addOption(
      new Option("--method <method>", "how scores are cut; default quantile").choices([
        "quantile",
        "ntile",
        "fixed",
      ] as const),
    )
    .option("--vocabulary <name>", "english, chinese-8, or the path of your own")
    .option(
      "--window <months>",
      "count orders of the last months only, e.g. 12 or 24; default: all",
      parseWhole,
    )
    .addOption(
      new Option("--monetary <what>", "money in all, or an order; default total").choices([
        "total",
        "average",
      ] as const),
    )
    .addOption(new Option("--money <what>", "default revenue").choices(["revenue", "margin"] as const))
    .addHelpText("after", EXAMPLES)
    .action(async (paths, options) => {
      const { askCommand } = await import("../commands/ask.js");
      const { bins, method, vocabulary, window, monetary, money } = options;
      const settings = given({ bins, method, vocabulary, window_months: window, monetary, money });
      result.exitCode = await askCommand({ analysis: "rfm", paths, settings, signal, ...asked(options) });
    });
}

const EXAMPLES = `
Examples:
  crm-analyze rfm orders.csv
  crm-analyze rfm 订单.csv --lang zh --vocabulary chinese-8
  crm-analyze rfm lines.csv --customer client --date day --amount total --order invoice --as-of 2025-12-31
  crm-analyze rfm pipelines/demo.yml --window 12 --out rfm
`;
