import { DuckDBInstance } from "@duckdb/node-api";
import { writeXlsx } from "hucre/xlsx";
import { beforeAll, describe, expect, test } from "vitest";
import { seeded } from "../../src/random.js";
import { gb18030 } from "./orders.js";
import {
  crmAnalyze,
  expectSuccess,
  folderOfTest,
  makeFolder,
  readRows,
  type Finished,
  type TemporaryFolder,
} from "./process.js";

const LAST_DAY = "2025-12-31";
const daysAgo = (days: number) =>
  new Date(Date.parse(LAST_DAY) - days * 86_400_000).toISOString().slice(0, 10);

type Line = readonly [receipt: string, item: string, customer: string, day: string, amount: number];
const line = (customer: string, item: string, ...[days, amount]: readonly [number, number]): Line => [
  `${customer}-${days}`,
  item,
  customer,
  daysAgo(days),
  amount,
];

/**
 * Up to two years of 180 customers. Each buys one of two teas every 40 days and each of six breads every 120; two in three
 * buy a machine once, and a grinder twenty days later. Customer 0 bought the machine ten days ago, customer 1 gave tea back
 * yesterday.
 */
const LINES: readonly Line[] = Array.from({ length: 180 }, (_, i) => `C${i}`).flatMap((customer, i) => [
  ...Array.from({ length: 6 + ((7 * i) % 13) }, (_, n) =>
    line(customer, `tea ${(i + n) % 2}`, 40 * n + (i % 40), 8),
  ),
  ...Array.from({ length: 30 }, (_, n) => line(customer, `bread ${n % 6}`, 20 * n + ((13 * i) % 20), 80)),
  ...(i > 1 && i % 3 > 0 ? [line(customer, "机器", 30 + 3 * i, 900)] : []),
  ...(i > 1 && i % 3 > 0 ? [line(customer, "磨豆机", 10 + 3 * i, 300)] : []),
  ...(i === 0 ? [line(customer, "机器", 10, 900), line(customer, "机器", 0, 0)] : []),
  ...(i === 1 ? [["back", "tea 1", customer, daysAgo(1), -8] as const] : []),
]);

const HEADINGS = ["小票号", "商品名称", "会员编号", "销售日期", "金额"];
const csv = (lines: readonly (readonly (string | number)[])[], headings = HEADINGS) =>
  [headings, ...lines].map((cells) => cells.join(",")).join("\n");
const unpriced = (lines: readonly Line[]) =>
  csv(
    lines.map((cells) => cells.slice(0, 4)),
    HEADINGS.slice(0, 4),
  );

interface Card {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** What `models.json` tells of the offers. */
function offerCard(folder: TemporaryFolder): Card {
  const cards = JSON.parse(folder.read("results/models.json")) as Card[];
  return cards.find(({ name }) => name === "next-best")!;
}

async function offersOf(folder: TemporaryFolder, file: string, ...flags: string[]): Promise<Finished> {
  const finished = await crmAnalyze(folder, "baskets", file, "--out", "results", ...flags);
  expectSuccess(finished);
  return finished;
}

const COLUMNS =
  "customer_id,customer_key,customer_name,offer_rank,product_key,product_name,category,kind,probability,expected_margin,reason";

describe("a bare file with customers, days and amounts", () => {
  const folder = makeFolder();
  let finished: Finished;
  let published: string;
  beforeAll(async () => {
    const broken: Line[] = [
      ["x-1", "tea 1", "", daysAgo(50), 8],
      ["x-2", "tea 1", "C5", "soon", 8],
      ["x-3", "", "C5", daysAgo(50), 8],
    ];
    const unread = ["x-4", "tea 1", "C5", daysAgo(50), "?"];
    folder.write("明细.csv", csv([...LINES, ...broken, unread]));
    finished = await offersOf(folder, "明细.csv", "--currency", "CNY");
    published = folder.read("results/next-best.csv");
  });

  test("offers are tried against what sells best and own repeats, and graded", () => {
    expect(finished.stdout).toMatch(/Grade of the offers [A-D]/);
    expect(finished.stdout).toMatch(/learnt +5 /);
    expect(finished.stdout).toContain("No costs are known, so that money is revenue.");
    expect(finished.stdout).toMatch(/have a next best product, with an expected revenue of CN¥[\d,.]+\d\. /);
    expect(finished.stdout).not.toMatch(/\bmargin\b/i);
    const headings = [...folder.read("results/report.html").matchAll(/<th[^>]*>(?:<[^>]+>)*([^<]+)/g)].map(
      ([, heading]) => heading,
    );
    expect(headings).toEqual(expect.arrayContaining(["Expected revenue", "Revenue for 100 customers"]));
    expect(headings.filter((heading) => /margin/i.test(heading!))).toEqual([]);
    expect(finished.stdout).toMatch(
      /838 purchases were predicted .* and 604 were made, 27.9% fewer: take probabilities/,
    );
    const card = offerCard(folder);
    expect(card).toMatchObject({ ranked_by: "money", money: "revenue", tested_on: daysAgo(60) });
    expect(card).toMatchObject({
      chosen_on: daysAgo(120),
      chosen: "model",
      ships: "model",
      grade: expect.stringMatching(/^[AB]$/) as string,
    });
    expect(
      (card["trial"] as { contender: string; offers: number }[]).map(
        ({ contender, offers }) => `${contender} ${offers}`,
      ),
    ).toEqual(
      [1, 5, 10].flatMap((offers) => ["model", "popular", "repeats"].map((name) => `${name} ${offers}`)),
    );
  });

  test("the grinder is offered to who bought the machine ten days ago, with the reason", () => {
    expect(published.split("\n")[0]).toBe(COLUMNS);
    const offers = readRows(folder, "results/next-best.csv");
    const offer = offers.find(({ customer_key, kind }) => customer_key === "C0" && kind === "after")!;
    expect(offer).toMatchObject({ product_key: "磨豆机" });
    expect(offer["reason"]).toMatch(
      new RegExp(
        `^bought 机器 on ${daysAgo(10)}; \\d+% of such customers take 磨豆机 within 60 days, [\\d.]+ times the average$`,
      ),
    );
    expect(Number(offer["expected_margin"])).toBeCloseTo(300 * Number(offer["probability"]), -1);
    expect(
      offers.some(({ customer_key, product_key }) => customer_key === "C1" && product_key === "tea 1"),
    ).toBe(false);
  });

  test("what only sells is offered with the share of those whom nothing leads to it", () => {
    const sellers = readRows(folder, "results/next-best.csv").filter(({ kind }) => kind === "popular");
    expect(sellers.length).toBeGreaterThan(0);
    for (const { reason } of sellers)
      expect(reason).toMatch(
        /^[\d.]+% of the customers who buy as often and had bought neither it nor what leads to it take it within 60 days$/,
      );
  });

  test("every row is accounted for, and what a part cannot use is said", () => {
    const [input] = JSON.parse(folder.read("results/run.json")).inputs as Record<string, number>[];
    expect(input).toMatchObject({
      rows_in: LINES.length + 4,
      rows_staged: LINES.length + 3 - 2,
      rows_skipped: 2,
      rows_rejected: 1,
      rows_returned: 2,
      rows_undated: 2,
      rows_unpriced: 1,
    });
    expect(finished.stderr).toContain(
      `1 row without an item is left out (first: line ${LINES.length + 4}, column 商品名称)`,
    );
    expect(finished.stderr).toContain("2 rows given back or of nothing are in no basket");
    expect(finished.stderr).toContain(
      `1 row without a customer is in baskets only, not in sequences and offers (first: line ${LINES.length + 2}, column 会员编号)`,
    );
    expect(finished.stderr).toContain("1 row without a readable day is in baskets only");
    expect(finished.stderr).toContain("1 row without a readable amount is in no offer");
  });
});

describe.concurrent("the same lines in every format", () => {
  const rows = LINES.map(([receipt, item, customer, day, amount]) => [
    receipt,
    item,
    customer,
    new Date(day),
    amount,
  ]);
  const answerIn = (folder: TemporaryFolder) =>
    Object.fromEntries(
      ["next-best", "rules", "itemsets", "sequences"].map((name) => [
        name,
        folder.read(`results/${name}.csv`),
      ]),
    );
  const answerOf = async (folder: TemporaryFolder, file: string) => {
    await offersOf(folder, file);
    return answerIn(folder);
  };
  let expected: Record<string, string>;
  const inUtf8 = folderOfTest({ "明细.csv": csv(LINES) });
  let chinese: Finished;
  beforeAll(async () => {
    expected = await answerOf(folderOfTest({ "明细.csv": gb18030(csv(LINES)) }), "明细.csv");
    expect(expected["next-best"]!.split("\n").length).toBeGreaterThan(3 * 180);
    chinese = await offersOf(inUtf8, "明细.csv", "--lang", "zh");
  });

  test("UTF-8 as GB18030, in Chinese but for the reasons", () => {
    const withoutReason = (text: string) =>
      text.split("\n").map((row) => row.replace(/,[^,]*$|,"[^"]*"$/, ""));
    const found = answerIn(inUtf8);
    expect(withoutReason(found["next-best"]!).slice(1)).toEqual(
      withoutReason(expected["next-best"]!).slice(1),
    );
    expect({ ...found, "next-best": "" }).toEqual({ ...expected, "next-best": "" });
  });

  test("in Chinese: the answer, the choice and the reasons", () => {
    expect(chinese.stdout).toContain("位客户有下一步推荐的产品，预期收入合计");
    expect(chinese.stdout).toMatch(/推荐评级 [A-D]/);
    expect(chinese.stdout).toContain("成本均未知，因此金额为收入。");
    expect(chinese.stdout).toMatch(new RegExp(`(根据|在) ${daysAgo(120)} 之后的 60 天`));
    const reasons = readRows(inUtf8, "results/next-best.csv").map(({ reason }) => reason!);
    const english = reasons.filter((reason) => /\b(?!tea|bread)[a-z]{2,}/.test(reason));
    expect(english).toEqual([]);
    expect(reasons.every((reason) => /有 \d+(\.\d)?% 在 60 天内/.test(reason))).toBe(true);
  });

  test("an Excel workbook with typed cells", async () => {
    const bytes = await writeXlsx({ sheets: [{ name: "明细", rows: [HEADINGS, ...rows] }] });
    expect(await answerOf(folderOfTest({ "明细.xlsx": bytes }), "明细.xlsx")).toEqual(expected);
  });

  test("Parquet with typed columns", async () => {
    const folder = folderOfTest({ "明细.csv": csv(LINES) });
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run(
      `copy (select * replace (cast("销售日期" as date) as "销售日期", cast("金额" as decimal(12, 2)) as "金额")
        from read_csv('${folder.at("明细.csv")}')) to '${folder.at("明细.parquet")}'`,
    );
    connection.closeSync();
    expect(await answerOf(folder, "明细.parquet")).toEqual(expected);
  });
});

describe.concurrent("a file that holds less", () => {
  test("without amounts: ranked by probability, graded by purchases, and said; what is excluded is in no rule and no offer", async () => {
    const folder = folderOfTest({ "lines.csv": unpriced(LINES.filter((cells) => cells[4] > 0)) });
    const flags = ["--offers", "10", "--leave-out", "tea 0", "tae 1", "--exclude", "whisk", "磨豆机"];
    const { stdout, stderr } = await offersOf(folder, "lines.csv", ...flags);
    expect(stderr).toContain("warning: baskets leave_out tae 1 (→ tea 1?): never sold");
    expect(stderr).toContain("warning: baskets excluded_items whisk: never sold");
    expect(stdout).toContain("Set to be left out, and never sold: leave_out tae 1 (→ tea 1?).");
    expect(folder.read("results/next-best.csv")).not.toContain("tea 0");
    expect(stdout).toContain("No amounts in the file: offers are ranked by probability");
    expect(stdout).toContain("Purchases for 100 customers");
    expect(offerCard(folder)).toMatchObject({ ranked_by: "probability" });
    const offers = readRows(folder, "results/next-best.csv");
    expect(Object.keys(offers[0]!).join()).toBe(COLUMNS.replace("expected_margin,", ""));
    expect(offers.length).toBeGreaterThan(5 * 180);
    for (const name of ["next-best", "rules", "sequences"])
      expect(folder.read(`results/${name}.csv`), "what is excluded").not.toContain("磨豆机");
    expect(offers.filter(({ probability }) => !(Number(probability) >= 0.01))).toEqual([]);
  });

  test("too short a history: what most customers bought so far, and said", async () => {
    const lines = LINES.filter(([, , , day]) => day > daysAgo(100));
    const folder = folderOfTest({ "lines.csv": csv(lines) });
    const { stdout } = await offersOf(folder, "lines.csv");
    expect(stdout).toContain("what most customers have bought so far");
    expect(stdout).toContain("120 days of history or more");
    expect(offerCard(folder)).toMatchObject({ ships: "popular", grade: null, lack: "history" });
    const [offer] = readRows(folder, "results/next-best.csv");
    const buyers = new Set(
      lines
        .filter(([, item, , , amount]) => item === offer!["product_key"] && amount > 0)
        .map(([, , customer]) => customer),
    );
    expect(Number(offer!["probability"])).toBeCloseTo(buyers.size / 180, 4);
    expect(buyers.has(offer!["customer_key"]!)).toBe(false);
  });

  test.each([
    ["customer", [0, 1, 3], "the customer (--customer COLUMN)"],
    ["date", [0, 1, 2], "the day (--date COLUMN)"],
  ])("without a %s: rules, and which column offers would need", async (role, places, words) => {
    const kept = (cells: readonly (string | number)[]) => places.map((place) => cells[place]!);
    const lines = LINES.slice(0, 1000).map(kept);
    const folder = folderOfTest({ "lines.csv": csv(lines, kept(HEADINGS) as string[]) });
    const { stdout, stderr } = await offersOf(folder, "lines.csv");
    expect(stdout).toContain(`No offers: the file has no column for ${words}.`);
    expect(stderr).toContain(
      "written: report.html, itemsets.csv, rules.csv, rejects.csv, models.json, run.json",
    );
    expect(offerCard(folder)).toMatchObject({ lack: "columns", missing_columns: [role] });
  });
});

test("with no day behind the one of the choice, what sells best is offered by default, and the trial only told", async () => {
  const folder = makeFolder();
  folder.write("明细.csv", csv(LINES.filter(([, , , day]) => day > daysAgo(230))));
  const { stdout } = await offersOf(folder, "明细.csv");
  expect(stdout).toMatch(/Grade of what was learnt, and is not offered [A-D]/);
  expect(stdout).toContain("because history is too short to choose anything else on one period");
  expect(stdout).toContain("by default what sells best is offered");
  expect(offerCard(folder)).toMatchObject({
    tested_on: daysAgo(60),
    chosen_on: null,
    chosen: "popular",
    rival: "popular",
    ships: "popular",
  });
  const kinds = readRows(folder, "results/next-best.csv").map(({ kind }) => kind);
  expect(new Set(kinds)).toEqual(new Set(["popular"]));
});

test("with no day behind the one of the trial to learn from, nothing is tried: what sells best is offered", async () => {
  const folder = makeFolder();
  const young = LINES.filter(([, , , day]) => day > daysAgo(150));
  folder.write("明细.csv", csv(young));
  const { stdout } = await offersOf(folder, "明细.csv");
  expect(stdout).toContain("Grade of the offers not tried");
  expect(offerCard(folder)).not.toHaveProperty("tested_on");
  const offers = readRows(folder, "results/next-best.csv");
  expect(offers.length).toBe(3 * new Set(young.map(([, , customer]) => customer)).size);
  expect(new Set(offers.map(({ kind }) => kind))).toEqual(new Set(["popular"]));
  expect(offers.every(({ probability }) => Number(probability) > 0)).toBe(true);
  const bread = offers.find(
    ({ customer_key, product_key }) => customer_key === "C7" && product_key !== "机器",
  )!;
  const share = shareOfPeers(young, "C7", bread["product_key"]!);
  const probability = Number(bread["probability"]);
  expect(Math.abs(probability - share), "drawn in a little").toBeLessThan(0.02);
  expect(bread["reason"]).toBe(
    `${(100 * probability).toFixed(1)}% of the customers who buy as often take it within 60 days`,
  );
});

/**
 * Of the customers who by 60 days ago had bought on as many days as this one has by now (1, 2 or 3, up to 7, more), within
 * 180 days, the share that then bought the item.
 */
function shareOfPeers(lines: readonly Line[], customer: string, item: string): number {
  const busyness = (who: string, until: number) => {
    const days = lines.filter(
      ([, , buyer, day, amount]) =>
        buyer === who && amount > 0 && day <= daysAgo(until) && day > daysAgo(until + 180),
    );
    const count = new Set(days.map(([, , , day]) => day)).size;
    return [0, 1, 3, 7, Infinity].findIndex((most) => count <= most);
  };
  const then = [...new Set(lines.filter(([, , , day]) => day <= daysAgo(60)).map(([, , buyer]) => buyer))];
  const peers = then.filter((buyer) => busyness(buyer, 60) === busyness(customer, 0));
  const buyers = peers.filter((peer) =>
    lines.some(([, bought, buyer, day]) => buyer === peer && bought === item && day > daysAgo(60)),
  );
  return buyers.length / peers.length;
}

test.each([
  ["en", /At five offers, \d+ purchases were predicted .* made: no further off than chance would bring\./],
  ["zh", /预测 \d+ 次购买，实际 \d+ 次：差别不超出偶然。/],
])("%s: what comes as predicted is no reason to mend probabilities", async (language, told) => {
  const regular = Array.from({ length: 40 }, (_, i) =>
    Array.from({ length: 36 }, (_, n) => line(`C${i}`, `item ${(i + n) % 4}`, 20 * n + (i % 20), 5)),
  );
  const folder = folderOfTest({ "lines.csv": csv(regular.flat()) });
  const { stdout } = await offersOf(folder, "lines.csv", "--lang", language);
  expect(stdout).toMatch(told);
});

/** Forty customers who buy two of eight items by chance every 30 days, and two who were silent for long: one who came back, one who is silent today. */
function byChance(): Line[] {
  const random = seeded(5);
  const visit = (customer: string, day: number) => {
    const first = Math.floor(8 * random());
    const second = (first + 1 + Math.floor(7 * random())) % 8;
    return [first, second].map((item) => line(customer, `item ${item}`, day, 10));
  };
  const regular = Array.from({ length: 40 }, (_, i) =>
    Array.from({ length: 16 }, (__, n) => visit(`C${i}`, 30 * n + (i % 30))),
  );
  return [...regular.flat(2), ...visit("back", 380), ...visit("back", 175), ...visit("silent", 200)];
}

test("one customer in a class of busyness is no certainty: the class is drawn in", async () => {
  const lines = byChance();
  const folder = folderOfTest({ "lines.csv": csv(lines) });
  await offersOf(folder, "lines.csv", "--offers", "8");
  const came = lines.filter(([, , customer, day]) => customer === "back" && day === daysAgo(175));
  const offers = readRows(folder, "results/next-best.csv");
  const toSilent = offers.filter(({ customer_key: customer }) => customer === "silent");
  expect(toSilent.map(({ product_key: product }) => product)).toEqual(
    expect.arrayContaining(came.map(([, item]) => item)),
  );
  const all = offers.map(({ probability }) => Number(probability));
  const mean = all.reduce((sum, probability) => sum + probability, 0) / all.length;
  expect(Math.max(...toSilent.map(({ probability }) => Number(probability)))).toBeLessThan(1.25 * mean);
});

test.each([
  [
    "en",
    /Of 180 customers 120 have no offer: for them nothing .* \(what sells best\) is as likely as 1\.0% within 60 days\./,
  ],
  ["zh", /180 位客户中有 120 位没有推荐：.*（畅销品）.*在 60 天内被购买的概率均不到 1\.0%。/],
])(
  "%s: who owns the only product that may be offered has no offer, and is counted",
  async (language, told) => {
    const folder = folderOfTest({ "lines.csv": csv(LINES) });
    const left = ["磨豆机", "tea 0", "tea 1", ...Array.from({ length: 6 }, (_, n) => `bread ${n}`)];
    const flags = [...left.flatMap((item) => ["--leave-out", item]), "--products", "new", "--lang", language];
    const { stdout } = await offersOf(folder, "lines.csv", ...flags);
    expect(stdout).toMatch(told);
    const offered = readRows(folder, "results/next-best.csv").map(({ product_key }) => product_key);
    expect(offered).toEqual(Array.from({ length: 60 }, () => "机器"));
  },
);

/**
 * Three of thirty things every 20 days by each of 120 customers. Every third buys printer and paper one day, and ink that day;
 * the others one of the two with two things.
 */
function inkBoughtWith(inkBasket: string): Line[] {
  const random = seeded(5);
  const thing = () => `thing ${Math.floor(30 * random())}`;
  return Array.from({ length: 120 }, (_, i) => i).flatMap((i): Line[] => {
    const of = (item: string, day: number) => line(`C${i}`, item, day + (i % 19), 50);
    const things = Array.from({ length: 54 }, (_, n) => of(thing(), 20 * Math.floor(n / 3)));
    if (i % 3 > 0)
      return [...things, of(i % 3 === 1 ? "printer" : "paper", 301), of(thing(), 301), of(thing(), 301)];
    const [basket, ...ink] = of("ink", 301);
    return [...things, of("printer", 301), of("paper", 301), [`${basket}${inkBasket}`, ...ink]];
  });
}

test("one basket makes a rule for offers, and two baskets of a day make none", async () => {
  const ruleCount = async (inkBasket: string) => {
    const folder = folderOfTest({ "lines.csv": csv(inkBoughtWith(inkBasket)) });
    await offersOf(folder, "lines.csv");
    return offerCard(folder)["rule_count"];
  };
  expect([await ruleCount(""), await ruleCount("-2")]).toEqual([1, 0]);
});
