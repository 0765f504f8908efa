import { Option } from "@commander-js/extra-typings";
import { CrmError } from "../errors.js";
import { addQuestion, asked, given, parseNumbers, parseWhole, type Parent, type Result } from "./flags.js";

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
    .option("--recency-cuts <days>", "fixed cut-points, ascending, e.g. 30,90,180,365", parseNumbers)
    .option("--frequency-cuts <orders>", "the same of orders, e.g. 1,3,6,12", parseNumbers)
    .option("--monetary-cuts <money>", "the same of money, e.g. 100,500,2000,10000", parseNumbers)
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
      const { vocabulary, window, monetary, money } = options;
      const settings = given({ ...cutting(options), vocabulary, window_months: window, monetary, money });
      result.exitCode = await askCommand({ analysis: "rfm", paths, settings, signal, ...asked(options) });
    });
}

interface Cutting {
  readonly bins?: number | undefined;
  readonly method?: string | undefined;
  readonly recencyCuts?: number[] | undefined;
  readonly frequencyCuts?: number[] | undefined;
  readonly monetaryCuts?: number[] | undefined;
}

/** How scores are cut; cut-points say the method and the bins by themselves. */
function cutting({ bins, method, ...cuts }: Cutting) {
  const { recencyCuts: recency, frequencyCuts: frequency, monetaryCuts: monetary } = cuts;
  const first = recency ?? frequency ?? monetary;
  if (first === undefined) return { bins, method };
  if ((method ?? "fixed") !== "fixed")
    throw new CrmError(
      "usage",
      `--recency-cuts, --frequency-cuts, --monetary-cuts: not with --method ${method}`,
      {
        hint: "they are the cut-points of --method fixed",
      },
    );
  const cut_points = given({ recency, frequency, monetary });
  const missing = ["recency", "frequency", "monetary"].filter((measure) => !(measure in cut_points));
  if (missing.length > 0)
    throw new CrmError("usage", `${missing.map((measure) => `--${measure}-cuts`).join(", ")}: missing`, {
      hint: "fixed cut-points are needed of recency, frequency and money",
    });
  return { bins: bins ?? first.length + 1, method: "fixed", cut_points };
}

const EXAMPLES = `
Examples:
  crm-analyze rfm orders.csv
  crm-analyze rfm 订单.csv --lang zh --vocabulary chinese-8
  crm-analyze rfm lines.csv --customer client --date day --amount total --order invoice --as-of 2025-12-31
  crm-analyze rfm orders.csv --recency-cuts 30,90,180,365 --frequency-cuts 1,3,6,12 --monetary-cuts 100,500,2000,10000
  crm-analyze rfm pipelines/demo.yml --window 12 --out rfm
`;
