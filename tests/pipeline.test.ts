import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ANALYSES } from "../src/analyses/index.js";
import { CrmError } from "../src/errors.js";
import { parseConfig, readPlan, type Overrides } from "../src/pipeline.js";
import { fileIn, temporaryFolder } from "./engines/warehouse.js";

const MAPPING = `source: shop
files:
  owners: { file: owners.csv, entity: owners, columns: { owner_key: Id } }
`;
const PIPELINE = `name: test
as_of_date: 2025-12-31
sources:
  - { mapping: shop.yml, folder: data }
analyses:
  rfm:
`;

function planFrom(text: string, overrides: Overrides = {}, mapping = MAPPING) {
  const folder = temporaryFolder();
  fileIn(folder, "shop.yml", mapping);
  return { folder, plan: readPlan(fileIn(folder, "test.yml", text), overrides) };
}

function refusal(text: string, overrides: Overrides = {}, mapping = MAPPING): CrmError {
  try {
    planFrom(text, overrides, mapping);
  } catch (error) {
    expect(error).toBeInstanceOf(CrmError);
    return error as CrmError;
  }
  throw new Error("nothing was wrong");
}

describe("a plan", () => {
  test("leaves nothing to default", () => {
    const { folder, plan } = planFrom(PIPELINE);
    expect(plan.run).toEqual({
      asOfDate: "2025-12-31",
      currency: null,
      hasConsents: false,
      language: "en",
      seed: 1,
      directory: folder,
    });
    expect(plan.sources).toMatchObject([{ name: "shop", directory: join(folder, "data") }]);
    expect(plan.identity).toMatchObject({ calling_code: "86", max_records_per_key: 20 });
    expect(plan.identity.generic_values).toContain("info");
    expect(plan.limits).toEqual({ rejected_share: 0.05, memory: "1GB" });
    expect(plan.masksNames).toBe(true);
    expect(plan.output).toBe(join(folder, "out"));
    expect(Object.keys(plan.analyses)).toEqual(["rfm"]);
    expect(plan.analyses["rfm"]).toEqual(parseConfig("rfm", {}));
  });

  test("adds the pipeline's generic values to ours", () => {
    const { plan } = planFrom(`${PIPELINE}identity: { generic_values: [nobody@x.com] }\n`);
    expect(plan.identity.generic_values).toEqual(expect.arrayContaining(["info", "nobody@x.com"]));
  });

  test("may be set over by the command line", () => {
    const { plan } = planFrom(PIPELINE, {
      asOfDate: "2024-06-30",
      language: "zh",
      output: "elsewhere",
      only: ["rfm"],
    });
    expect(plan.run).toMatchObject({ asOfDate: "2024-06-30", language: "zh" });
    expect(plan.output).toBe("elsewhere");
  });

  test("of the demo is read", () => {
    const plan = readPlan(fileURLToPath(new URL("../pipelines/demo.yml", import.meta.url)), {});
    expect(plan.sources.length).toBe(3);
  });
});

describe("is refused", () => {
  test.each<[string, string, RegExp]>([
    ["without a date", PIPELINE.replace(/as_of_date.*\n/, ""), /no as_of_date/],
    [
      "with a date that does not exist",
      PIPELINE.replace("2025-12-31", "2025-02-30"),
      /:2 as_of_date: write a date that exists/,
    ],
    ["with an unknown analysis", PIPELINE.replace("rfm:", "magic:"), /:6 analyses\.magic: unknown key/],
    ["with a currency that is none", `${PIPELINE}currency: euro\n`, /:7 currency: write the three capitals/],
    [
      "with a calling code that is none",
      `${PIPELINE}identity: { calling_code: "+49" }\n`,
      /identity\.calling_code/,
    ],
    ["without sources", PIPELINE.replace(/sources:\n.*\n/, "sources: []\n"), /sources/],
    ["with a mapping that is not there", PIPELINE.replace("shop.yml", "no.yml"), /no\.yml: no such file/],
    [
      "with two sources of one name",
      PIPELINE.replace("sources:\n", "sources:\n  - { mapping: shop.yml, folder: more }\n"),
      /two are named shop/,
    ],
    [
      "with memory that is no amount",
      `${PIPELINE}limits: { memory: lots }\n`,
      /limits\.memory: write an amount/,
    ],
    ["with a share beyond 1", `${PIPELINE}limits: { rejected_share: 5 }\n`, /limits\.rejected_share/],
  ])("%s", (_, text, problem) => {
    const error = refusal(text);
    expect(error.kind).toBe("configuration");
    expect(error.message).toMatch(problem);
  });

  test("with every mistake of all mappings at once", () => {
    const folder = temporaryFolder();
    fileIn(folder, "a.yml", MAPPING.replace("owner_key", "owner_name").replace("source: shop", "source: a"));
    fileIn(
      folder,
      "b.yml",
      MAPPING.replace("entity: owners", "entity: robots").replace("source: shop", "source: b"),
    );
    const text = PIPELINE.replace(
      / {2}- .*\n/,
      "  - { mapping: a.yml, folder: x }\n  - { mapping: b.yml, folder: x }\n",
    );
    const path = fileIn(folder, "test.yml", text);
    expect(() => readPlan(path, {})).toThrow(
      /a\.yml:3 .*owners needs owner_key[^]*b\.yml:3 files\.owners\.entity/,
    );
  });

  test("when --only names no analysis, and told which there are", () => {
    const error = refusal(PIPELINE, { only: ["magic"] });
    expect(error.kind).toBe("usage");
    expect(error.message).toContain(`there are ${ANALYSES.map(({ name }) => name).join(", ")}`);
  });
});

test("settings of an analysis that are wrong are told by name", () => {
  expect(() => parseConfig("rfm", { no_such_setting: 1 })).toThrow(/^rfm /);
});
