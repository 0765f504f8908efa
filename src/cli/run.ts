import { asOf, language, parseFolder, type Parent, type Result } from "./flags.js";

/** `crm-analyze run`: every analysis of a pipeline, published. */
export function addRun(crm: Parent, signal: AbortSignal, result: Result): void {
  crm
    .command("run")
    .description("the nightly run: every analysis of a pipeline, published as one folder a day")
    .argument("[pipeline]", "the pipeline file", "pipeline.yml")
    .addOption(asOf())
    .option("--only <analyses...>", "these analyses alone")
    .option("--out <folder>", "where runs are published; default: the pipeline's output", parseFolder)
    .addOption(language())
    .option("--strict", "warnings give exit code 6", false)
    .option("--json", "the summary as JSON", false)
    .addHelpText("after", "\nExample:\n  crm-analyze run pipelines/nightly.yml --as-of 2025-12-31\n")
    .action(async (pipeline, options) => {
      const { runCommand } = await import("../commands/run.js");
      result.exitCode = await runCommand({
        pipeline,
        asOfDate: options.asOf,
        language: options.lang,
        only: options.only,
        output: options.out,
        isJson: options.json,
        isStrict: options.strict,
        signal,
      });
    });
}
