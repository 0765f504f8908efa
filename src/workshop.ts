import { readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openDuckDB } from "./engines/duckdb.js";
import type { Engine } from "./engines/engine.js";
import { CrmError } from "./errors.js";
import type { Plan } from "./pipeline.js";
import { readFunctions } from "./relation.js";
import { refuseForeign, refuseLatest } from "./steps/publish.js";

/** Where a run's results go. */
export type Destination =
  /** One folder a run inside the plan's output, and `latest` pointing at the newest. */
  | { readonly kind: "history" }
  /** This folder and no other; replaced whole. With an analysis only where no other has left its results. */
  | { readonly kind: "folder"; readonly folder: string; readonly analysis?: string }
  /** Nowhere: the caller shows the answer. */
  | { readonly kind: "none" };

/** The engine and the folders of one run; closing it leaves nothing behind but what was published. */
export interface Workshop {
  readonly engine: Engine;
  /** For files that outlive no run. */
  readonly temporaryDirectory: string;
  /** Where results are written before they are published. */
  readonly filling: string;
  close(): Promise<void>;
}

/**
 * Opens the warehouse beside the place the results will go to, so that publishing is a rename.
 *
 * @throws CrmError `engine` when the place cannot be written, another run holds it or `latest` cannot be pointed there
 */
export async function openWorkshop(
  plan: Pick<Plan, "output" | "limits">,
  destination: Destination,
  signal?: AbortSignal,
): Promise<Workshop> {
  if (destination.kind === "history") refuseLatest(plan.output);
  const beside = parentOf(plan, destination);
  const temporaryDirectory = await makeTemporary(beside);
  const path = destination.kind === "history" ? join(plan.output, ".warehouse.duckdb") : ":memory:";
  const warehouse = path === ":memory:" ? [] : [path, `${path}.wal`];
  const clear = async () => {
    for (const leftover of [temporaryDirectory, ...warehouse])
      await rm(leftover, { recursive: true, force: true });
  };
  try {
    const engine = await openDuckDB({
      path,
      functions: readFunctions("duckdb"),
      memoryLimit: plan.limits.memory,
      temporaryDirectory: join(temporaryDirectory, "spill"),
      ...(signal === undefined ? {} : { signal }),
    });
    if (destination.kind === "history") await sweep(plan.output, temporaryDirectory);
    const close = async () => {
      await engine.close();
      await clear();
    };
    return { engine, temporaryDirectory, filling: join(temporaryDirectory, "filling"), close };
  } catch (error) {
    const isHeld = error instanceof CrmError && error.message.includes("another run holds it");
    await (isHeld ? rm(temporaryDirectory, { recursive: true, force: true }) : clear());
    throw error;
  }
}

/** Removes what a killed run left; holding the warehouse says that no other run is at work here. */
async function sweep(output: string, own: string): Promise<void> {
  const leftovers = readdirSync(output).filter(
    (name) => name.startsWith(PREFIX) && join(output, name) !== own,
  );
  for (const name of leftovers) await rm(join(output, name), { recursive: true, force: true });
}

const PREFIX = ".crm-analyze-";

function parentOf(plan: Pick<Plan, "output">, destination: Destination): string {
  if (destination.kind === "none") return tmpdir();
  if (destination.kind === "history") return plan.output;
  refuseForeign(destination.folder, destination.analysis);
  return dirname(destination.folder);
}

async function makeTemporary(beside: string): Promise<string> {
  try {
    await mkdir(beside, { recursive: true });
    return await mkdtemp(join(beside, PREFIX));
  } catch (cause) {
    throw new CrmError("engine", `${beside}: cannot be written: ${(cause as NodeJS.ErrnoException).code}`, {
      cause,
      hint: "choose another folder with --out",
    });
  }
}

/** An engine in memory, for reading what is published or given. */
export function openScratch(): Promise<Engine> {
  return openDuckDB({ path: ":memory:", functions: readFunctions("duckdb") });
}
