import { Option } from "@commander-js/extra-typings";
import { addQuestion, asked, given, parseWhole, type Parent, type Result } from "./flags.js";

/** `crm-analyze segments`: of a pipeline. */
export function addSegments(crm: Parent, signal: AbortSignal, result: Result): void {
  addQuestion(crm, "segments", "who is alike, in words")
    .option("--k <n>", "how many segments, 2 to 50; default: chosen from 2 to 12, or none", parseWhole)
    .addOption(
      new Option("--transform <how>", "auto takes logarithms of skewed features").choices([
        "auto",
        "none",
      ] as const),
    )
    .addOption(
      new Option("--scale <how>", "how features are made comparable").choices([
        "robust",
        "standard",
        "none",
      ] as const),
    )
    .action(async (paths, options) => {
      const { askCommand } = await import("../commands/ask.js");
      const { k, transform, scale } = options;
      const settings = given({ k, transform, scale });
      result.exitCode = await askCommand({
        analysis: "segments",
        paths,
        settings,
        signal,
        ...asked(options),
      });
    });
}
