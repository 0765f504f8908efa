import { existsSync, readdirSync } from "node:fs";
import { readlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CrmError } from "./errors.js";

const HINT = "run `crm-analyze run <pipeline>` first, or name the folder of its runs with --out";

/**
 * The folder of the last published run.
 *
 * @param output the folder of a pipeline's runs; without it, the only one in `out/`
 * @throws CrmError `usage` when there is none, or several to choose from
 */
export async function latestRun(output: string | undefined): Promise<string> {
  const place = resolve(output ?? onlyOutput());
  if (existsSync(join(place, "run.json"))) return place;
  try {
    const latest = resolve(place, await readlink(join(place, "latest")));
    if (!existsSync(join(latest, "run.json"))) throw new Error(`${latest} is gone`);
    return latest;
  } catch (cause) {
    throw new CrmError("usage", `${output ?? place}: no run is published there`, { hint: HINT, cause });
  }
}

function onlyOutput(): string {
  const isOutput = (folder: string) => existsSync(join(folder, "latest", "run.json"));
  const inside = existsSync("out")
    ? readdirSync("out")
        .sort()
        .map((name) => join("out", name))
    : [];
  const outputs = ["out", ...inside].filter(isOutput);
  if (outputs.length === 1) return outputs[0]!;
  const what =
    outputs.length === 0 ? "no run is published in out/" : `runs are published in ${outputs.join(", ")}`;
  throw new CrmError("usage", what, { hint: outputs.length === 0 ? HINT : "choose one with --out" });
}
