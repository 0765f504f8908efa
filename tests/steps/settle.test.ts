import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readPlan } from "../../src/pipeline.js";
import { settle, STATES } from "../../src/steps/settle.js";
import { openWarehouse, rowOf, temporaryFolder } from "../engines/warehouse.js";

const tiny = fileURLToPath(new URL("../../fixtures/tiny/tiny.yml", import.meta.url));

test.each(STATES.map(({ name, columns }) => ({ name, columns })))(
  "what an older version left of $name is read, its unknown columns empty",
  async ({ name, columns }) => {
    const engine = await openWarehouse();
    const directory = temporaryFolder();
    mkdirSync(join(directory, "state"));
    const [first, ...later] = Object.keys(columns);
    const [, type] = Object.entries(columns)[0]!;
    const value = type === "integer" ? "cast(7 as integer)" : "'7'";
    await engine.save(`select ${value} as ${first!}`, join(directory, "state", `${name}.parquet`));
    await settle(engine, readPlan(tiny, {}), { directory, asOfDate: "2025-05-31" });
    const row = await rowOf(engine, `select * from run.previous_${name}`);
    expect(String(row[first!])).toBe("7");
    expect(later.map((column) => row[column])).toEqual(later.map(() => null));
  },
);
