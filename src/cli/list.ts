import { Option } from "@commander-js/extra-typings";
import { parseWhole, runsFolder, type Parent, type Result } from "./flags.js";

/** `crm-analyze list`: people to act on, from the last published run. */
export function addList(crm: Parent, result: Result): void {
  crm
    .command("list")
    .description("pull a list of the last published run: reason, money, owner, and only permitted addresses")
    .argument(
      "<name>",
      "slipping, look-alikes, likely-buyers, churn-risk, win-back, alerts, next-best, up-sell or cross-unit",
    )
    .addOption(runsFolder())
    .option("--top <n>", "the first n", parseWhole)
    .addOption(
      new Option("--channel <channel>", "only customers who permit it").choices([
        "email",
        "phone",
        "sms",
        "mail",
      ] as const),
    )
    .option("--where <conditions...>", 'such as "total_amount >= 1000"', [])
    .addOption(
      new Option(
        "--format <format>",
        "default: as --file ends, else csv; xlsx and parquet are written to a file",
      ).choices(["csv", "xlsx", "json", "parquet"] as const),
    )
    .option("--file <path>", "write here; default: csv and json to the standard output, <name>.<format> else")
    .addHelpText("after", EXAMPLES)
    .action(async (name, { out: output, top, channel, where, format, file }) => {
      const { listCommand } = await import("../commands/list.js");
      result.exitCode = await listCommand({ name, output, top, channel, where, format, file });
    });
}

const EXAMPLES = `
Examples:
  crm-analyze list slipping --top 100 --channel email --format xlsx
  crm-analyze list slipping --out out/demo --where "total_amount >= 10000" "frequency_change = fall"
`;
