import { beforeAll, describe, expect, test } from "vitest";
import { readPlan } from "../../src/pipeline.js";
import { PIPELINE, writePipeline } from "./pipeline.js";
import { crmAnalyze, expectFailure, expectSuccess, folderOfTest, type Finished } from "./process.js";

const folder = folderOfTest();

/** The shop's pipeline with settings of segments, each on a line of its own. */
const writeSegments = (name: string, ...lines: readonly string[]) =>
  folder.write(name, `${PIPELINE}  segments:\n    k: 2\n${lines.map((line) => `    ${line}\n`).join("")}`);

const rule = (name: string, where: string) =>
  `  ${name}: { label: { en: ${name}, zh: 规则 }, where: "${where}" }`;

beforeAll(() => writePipeline(folder));

test("all mistakes of rules are named at once, by file and line, before anything runs", async () => {
  writeSegments(
    "wrong.yml",
    "rules:",
    rule("silent", "recency_dais > 90 and total_amount > 10"),
    rule("rich", "total_amount > lots"),
    rule("fine", "total_amount > 10"),
    "look_alikes: { of: { rule: richest } }",
    "crosstabs: [[rule, rule]]",
    "factors: [{ tier: A, rule: rich }]",
  );
  const finished = await crmAnalyze(folder, "run", "wrong.yml");
  expectFailure(finished, 3);
  const line = (text: string) =>
    folder
      .read("wrong.yml")
      .split("\n")
      .findIndex((own) => own.includes(text)) + 1;
  const said = finished.stderr;
  expect(said).toContain(
    `wrong.yml:${line("recency_dais")} analyses.segments.rules.silent.where: there is no column recency_dais; did you mean recency_days?; there are recency_days,`,
  );
  expect(said).toContain(
    `wrong.yml:${line("lots")} analyses.segments.rules.rich.where: total_amount holds a number, found "lots"`,
  );
  expect(said).toContain(
    `wrong.yml:${line("factors")} analyses.segments.factors.0: write one of cluster, rule`,
  );
});

test("what settings say of each other is held to be so", () => {
  writeSegments(
    "loose.yml",
    "rules:",
    rule("rich", "total_amount > 10"),
    "look_alikes: { of: { rule: ritch } }",
    "crosstabs: [[rule, rule]]",
    "factors: [{ rule: rich }, { rule: rich }]",
  );
  const read = () => readPlan(folder.at("loose.yml"), {});
  for (const what of [
    "look_alikes.of.rule: there is no rule ritch; did you mean rich?; there are rich",
    "crosstabs.0: rule cannot be laid across itself",
    "factors.1: stands here twice",
  ])
    expect(read).toThrow(what);
});

test("a category that the exports do not name is a mistake of the pipeline", async () => {
  writeSegments("category.yml", "factors: [{ category: Coffee }]");
  const finished = await crmAnalyze(folder, "run", "category.yml");
  expectFailure(finished, 3);
  expect(finished.stderr).toContain("segments: there is no category Coffee");
  expect(finished.stderr).toContain("the exports name no category");
});

describe("rules that part nobody, and a look-alike target of one", () => {
  let ran: Finished;
  const report = () => folder.read("out/latest/report.html");

  beforeAll(async () => {
    writeSegments(
      "odd.yml",
      "rules:",
      rule("nobody", "total_amount < 0"),
      rule("one", "order_day_count = 50"),
      rule("everyone", "total_amount >= 0"),
      rule("shadowed", "order_day_count < 50"),
      "look_alikes: { of: { rule: one } }",
      "factors: [{ rule: nobody }]",
      "crosstabs: [[rule, status], [rule, industry]]",
    );
    ran = await crmAnalyze(folder, "run", "odd.yml");
  });

  test("the run goes through", () => expectSuccess(ran));

  test.each([
    "The rule “nobody” fits nobody.",
    "The rule “everyone” fits everybody",
    "Everybody whom the rule “shadowed” fits is in an earlier one.",
    "Several rules fit 38 of 38 customers",
    "There is no look-alike list: of 38 customers of whom as much is known as of prospects, 1 is in segment “one”; to learn from, 50 in it and 50 others are needed.",
    "Nothing can be said of segment “nobody”: nobody is among them.",
    "Rule segment × Industry is left out: Industry says nothing of anybody.",
  ])("%s", (what) => {
    expect(report().includes(what)).toBe(true);
  });

  test("everybody is in the first rule that fits, and prospects stand beside customers", () => {
    const rules = folder.read("out/latest/segment-rules.csv").trimEnd().split("\n").slice(1);
    expect(rules).toHaveLength(38);
    expect(rules.filter((row) => row.includes(",everyone,"))).toHaveLength(37);
    expect(report()).toContain("Prospect");
  });

  test("the list is empty, and can be pulled all the same", async () => {
    const pulled = await crmAnalyze(folder, "list", "look-alikes", "--where", "likeness_probability > 50%");
    expectSuccess(pulled);
    expect(pulled.stderr).toContain("0 of 0 customers listed");
    expect(pulled.stdout.split("\n")[0]).toContain("likeness_rank,customer_id,customer_key");
  });

  test("a wrong condition names the columns, and quotes nobody", async () => {
    const pulled = await crmAnalyze(folder, "list", "slipping", "--where", "total_amuont > 3");
    expectFailure(pulled, 2);
    expect(pulled.stderr).toContain(
      "--where total_amuont > 3: there is no column total_amuont; did you mean total_amount?",
    );
  });
});

test("all mistakes of a vocabulary are named at once, by file and line", async () => {
  const lines = [
    "name: mine",
    "most_parts: many",
    'joined: { en: "{first}", zh: "{first}、{second}" }',
    "middle: { en: Middle }",
    "colour: red",
    "other:",
    '  high: { en: "high {feature}", zh: "{feature}高" }',
    '  low: { en: "low {feature}", zh: "{feature}低" }',
    '  word: { en: "{feature} {word}", zh: "{feature}为{word}" }',
    '  unknown: { en: "{feature} unknown", zh: "{feature}未知" }',
    "features:",
    "  shoe_size: { high: { en: Big feet, zh: 大脚 } }",
  ];
  folder.write("words.yml", `${lines.join("\n")}\n`);
  writeSegments("worded.yml", "vocabulary: words.yml");
  const finished = await crmAnalyze(folder, "segments", "worded.yml");
  expectFailure(finished, 3);
  for (const wrong of [
    /words\.yml:2 most_parts: /,
    /words\.yml:3 joined: write \{first\} and \{second\} in each language/,
    /words\.yml:4 middle\.zh: /,
    /words\.yml:5 .*colour/,
    /words\.yml:\d+ features: unknown feature shoe_size/,
  ])
    expect(finished.stderr).toMatch(wrong);
}, 30_000);
