import { asOf, runsFolder, type Parent, type Result } from "./flags.js";

/** The commands that only look: `doctor`, `show`, `report`. */
export function addReads(crm: Parent, signal: AbortSignal, result: Result): void {
  crm
    .command("doctor")
    .description("what is wrong, stale or missing, and which questions this data can answer")
    .argument("[pipeline]", "the pipeline file", "pipeline.yml")
    .addOption(asOf())
    .option("--json", "the findings as JSON", false)
    .addHelpText("after", "\nExample:\n  crm-analyze doctor pipelines/demo.yml\n")
    .action(async (pipeline, options) => {
      const { doctorCommand } = await import("../commands/doctor.js");
      result.exitCode = await doctorCommand({
        pipeline,
        asOfDate: options.asOf,
        isJson: options.json,
        signal,
      });
    });
  crm
    .command("show")
    .description("what a run builds: every relation, or one with its description, grain, columns and SQL")
    .argument("[relation]", "such as facts.orders")
    .option("--json", "as JSON", false)
    .addHelpText("after", "\nExamples:\n  crm-analyze show\n  crm-analyze show features.rfm\n")
    .action(async (name, options) => {
      const { showCommand } = await import("../commands/show.js");
      result.exitCode = showCommand({ name, isJson: options.json });
    });
  crm
    .command("report")
    .description("where the last report is")
    .addOption(runsFolder())
    .option("--open", "open it in the browser", false)
    .addHelpText("after", "\nExample:\n  crm-analyze report --out out/demo --open\n")
    .action(async (options) => {
      const { reportCommand } = await import("../commands/report.js");
      result.exitCode = await reportCommand({ output: options.out, isOpen: options.open });
    });
}
