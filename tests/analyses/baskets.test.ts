import { expect, describe, test, beforeAll } from "vitest";
import { BasketsConfig } from "../../src/analyses/baskets-config.js";
import { groupLifts } from "../../src/analyses/baskets-groups.js";
import { basketsSection } from "../../src/analyses/baskets-section.js";
import {
  setName,
  studyBaskets,
  warnOfStudy,
  type BasketGoods,
  type BasketStudy,
} from "../../src/analyses/baskets-study.js";
import { LANGUAGES, textsIn } from "../../src/texts/index.js";
import { seeded } from "../../src/random.js";
import type { Warning } from "../../src/warning.js";
import type { Pace } from "../../src/pace.js";

const pace: Pace = async (_name, _rows, work) => work(() => Promise.resolve());
const study = (goods: BasketGoods, settings: Partial<BasketsConfig> = {}) =>
  studyBaskets(goods, BasketsConfig.parse({ min_confidence: 0, ...settings }), pace);

/** A basket a list; each belongs to the customer of its number modulo so many, and to a day of its own. */
function goodsOf(lists: readonly (readonly string[])[], customerCount = lists.length): BasketGoods {
  const names = [...new Set(lists.flat())].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const rows = lists.flatMap((list, basket) => list.map((item) => [basket, names.indexOf(item)] as const));
  const column = (valueOf: (row: readonly [number, number]) => number) => Float64Array.from(rows, valueOf);
  return {
    names,
    groups: names.map((name) => (name.startsWith("tea") ? "tea" : "other")),
    margins: Float64Array.from(names, (_, item) => 10 * (item + 1)),
    basketCount: lists.length,
    baskets: column(([basket]) => basket),
    items: column(([, item]) => item),
    buyers: {
      customerCount,
      customers: column(([basket]) => basket % customerCount),
      days: column(([basket]) => basket),
      lastDay: lists.length,
    },
  };
}

const TOLD = {
  config: BasketsConfig.parse({}),
  level: "product",
  isMargin: true,
  hasMoney: true,
  texts: textsIn("en").baskets,
  locale: { language: "en", currency: "EUR" },
} as const;

const told = (found: BasketStudy, language: "en" | "zh" = "en", settings: Partial<BasketsConfig> = {}) =>
  basketsSection(found, {
    ...TOLD,
    config: BasketsConfig.parse(settings),
    texts: textsIn(language).baskets,
    locale: { language, currency: "EUR" },
  });

/** Tea with whisk in half of the cases, among 40 others. */
function teaShop(): string[][] {
  const random = seeded(3);
  return Array.from({ length: 1500 }, () => {
    const list = Array.from(
      { length: 1 + Math.floor(4 * random()) },
      () => `item ${Math.floor(40 * random() ** 2)}`,
    );
    if (random() < 0.1) list.push("tea 茶", ...(random() < 0.5 ? ["whisk 茶筅"] : []));
    return list;
  });
}

describe("a shop", () => {
  let found: BasketStudy;
  beforeAll(async () => {
    found = await study(goodsOf(teaShop(), 300), { min_support: 0.01, min_confidence: 0.1 });
  });

  test("shows what goes together, and that alone", () => {
    const names = found.shown.map(
      (rule) => `${setName(found.goods, rule.antecedent)} > ${setName(found.goods, rule.consequent)}`,
    );
    expect(names.sort()).toEqual(["tea 茶 > whisk 茶筅", "whisk 茶筅 > tea 茶"]);
  });

  test("what it brings, and who has the one without the other", () => {
    const { goods, shown } = found;
    const rule = shown.find(({ antecedent }) => setName(goods, antecedent) === "tea 茶")!;
    expect(rule.marginPerHundred).toBeCloseTo(100 * rule.confidence * goods.margins[rule.consequent[0]!]!, 9);
    const lists = teaShop();
    const ever = Array.from(
      { length: 300 },
      (_, customer) => new Set(lists.filter((_list, at) => at % 300 === customer).flat()),
    );
    expect(rule.openCustomers).toBe(ever.filter((own) => own.has("tea 茶") && !own.has("whisk 茶筅")).length);
  });

  test.each(LANGUAGES)("is told in %s, with the picture and the heat map", (language) => {
    const section = told(found, language);
    expect(section.answer).toContain("tea 茶");
    expect(section.charts.map(({ kind }) => kind)).toEqual(["network", "heat-map"]);
    expect(section.tables.map(({ name }) => name)).toEqual(["rules", "sequences"]);
  });

  test("all rules where they are asked for", async () => {
    const all = await study(found.goods, { min_support: 0.01, min_confidence: 0.1, all_rules: true });
    expect(all.shown.length).toBe(all.rules.length);
    expect(all.shown.length).toBeGreaterThan(found.shown.length);
    const section = told(all, "en", { all_rules: true });
    expect(section.answer).toMatch(/^2 rules hold/);
    const notes = section.headlines.slice(2).map(({ note }) => note);
    expect(notes).toEqual([
      "2 of them significant, and said by no more general rule",
      "0 of them significant",
    ]);
    expect(told(found).headlines[2]!.note).toBe("significant, and said by no more general rule");
  });

  test("groups are held against chance", () => {
    const [one, other, ...more] = groupLifts(found, 8);
    expect(more).toEqual([]);
    expect(one!.lift).toBeCloseTo(other!.lift, 12);
    expect([one!.first, one!.second].sort()).toEqual(["other", "tea"]);
  });
});

describe("what is left out", () => {
  const lists = Array.from({ length: 20 }, (_, at) => [
    "bag",
    "a",
    at % 2 === 0 ? "b" : "c",
    ...(at === 7 ? ["d", "e", "f"] : []),
  ]);

  test("items in nearly every basket, by evidence", async () => {
    const found = await study(goodsOf(lists), { common_share: 0.9 });
    expect(found.common).toEqual([
      { name: "a", count: 20 },
      { name: "bag", count: 20 },
    ]);
    expect(told(found).notes.join(" ")).toContain("nearly every basket: a, bag");
    const goods = goodsOf([...lists, ["bag", "a"]]);
    const paired = await study(goods, { common_share: 0.9, min_count: 1 });
    expect(told(paired).answer).toMatch(
      / Not compared is what lies in nearly every basket \(a, bag\)\. 1 basket holds nothing that is compared and is not counted\.$/,
    );
    expect(told(paired, "zh").answer).toContain("几乎每个购物篮都有的商品（a、bag）不参与比较。");
    expect(told(await study(goods, { common_share: 1 })).answer).not.toContain("Not compared");
  });

  test("items and categories as set", async () => {
    const found = await study(goodsOf(lists), { excluded_items: ["bag", "gone"], common_share: 1 });
    expect(found.excluded).toEqual([{ name: "bag", count: 20 }]);
    expect(found.unknown).toEqual([{ setting: "excluded_items", name: "gone", nearest: undefined }]);
    const none = await study(goodsOf(lists), { excluded_categories: ["other"], common_share: 1 });
    expect(none.found.size).toBe(0);
    expect(none.unknown).toEqual([]);
    const slip = await study(goodsOf(lists), { excluded_categories: ["othre"], excluded_items: ["bga"] });
    expect(told(slip).notes.join(" ")).toContain(
      "never sold: excluded_items bga (→ bag?), excluded_categories othre (→ other?).",
    );
  });

  test("baskets that hold nothing else are no baskets: what has nothing to do with each other has lift 1", async () => {
    const goods = Array.from({ length: 400 }, (_, at) => [
      at % 2 === 0 ? "milk" : "bread",
      ...(at % 4 < 2 ? ["tea"] : []),
    ]);
    const shipped = Array.from({ length: 600 }, () => ["shipping"]);
    const settings = { excluded_items: ["shipping"], all_rules: true };
    const found = await study(goodsOf([...goods, ...shipped]), settings);
    expect(found.baskets.basketCount).toBe(400);
    expect(found.rules.map(({ lift }) => lift)).toEqual([1, 1, 1, 1]);
    expect(told(found).notes.join(" ")).toContain("600 baskets hold nothing that is compared");
  });

  test("what lies in exactly the share that is common is kept, in whole counts", async () => {
    const share = (count: number) =>
      Array.from({ length: 100 }, (_, at) => [at < count ? "bag" : "box", `x${at % 7}`, `y${at % 5}`]);
    expect((await study(goodsOf(share(29)), { common_share: 0.29 })).common).toEqual([
      { name: "box", count: 71 },
    ]);
    expect((await study(goodsOf(share(30)), { common_share: 0.29 })).common.map(({ name }) => name)).toEqual([
      "bag",
      "box",
    ]);
  });

  test("huge baskets, in what follows what too", async () => {
    const wide = Array.from({ length: 24 }, (_, at) => `h${at}`);
    const shop = Array.from({ length: 400 }, (_, at) =>
      at % 4 === 0 ? wide : [at % 4 === 1 ? "a" : "b", `c${at % 3}`],
    );
    const settings = { huge_basket_items: 10, all_rules: true, min_count: 5 };
    const firstsOf = async (more: Partial<BasketsConfig>) => {
      const { goods, sequences } = await study(goodsOf(shop, 8), { ...settings, ...more });
      return new Set(sequences.flatMap(({ first, second }) => [goods.names[first]!, goods.names[second]!]));
    };
    expect([...(await firstsOf({}))].toSorted()).toEqual(["a", "b", "c0", "c1", "c2"]);
    const cut = await firstsOf({ huge_baskets: "cut" });
    expect([...cut].filter((name) => name.startsWith("h")).length).toBeLessThanOrEqual(10);
  });

  test("huge baskets, with their sizes", async () => {
    const found = await study(goodsOf(lists), { huge_basket_items: 4, common_share: 1 });
    expect(found.huge).toEqual([6]);
    expect(found.baskets.basketCount).toBe(19);
    expect(told(found, "en", { huge_basket_items: 4 }).notes.join(" ")).toContain(
      "1 basket of more than 4 items is left out",
    );
    const cut = await study(goodsOf(lists), { huge_basket_items: 4, huge_baskets: "cut", common_share: 1 });
    expect(cut.baskets.basketCount).toBe(20);
  });
});

describe("bad input", () => {
  test("names that differ in case or blanks only are said, with how many and the first two", async () => {
    const lists = [["Milk", "tea"], ["milk ", "tea"], ["MILK"], ["iced  tea", "iced tea"], ["icedtea"]];
    const warnings: Warning[] = [];
    const config = BasketsConfig.parse({});
    warnOfStudy(await study(goodsOf(lists)), config, (warning) => warnings.push(warning));
    expect(warnings).toEqual([{ code: "items_alike", gaps: { count: 3, one: "MILK", other: "Milk" } }]);
  });

  test("items with codes are alike by what they are called, not by their codes", async () => {
    const warnings: Warning[] = [];
    const goods = { ...goodsOf([["Tea", "tea", "cup", "jug"]]), codes: ["P1", "p2", "P2", "P3"] };
    warnOfStudy(await study(goods), BasketsConfig.parse({}), (warning) => warnings.push(warning));
    expect(warnings).toEqual([{ code: "items_alike", gaps: { count: 1, one: "Tea", other: "tea" } }]);
  });

  test.each([
    ["no basket with two items", [["a"], ["b"], ["a"]]],
    ["one item in all", [["a"], ["a"]]],
    ["no basket", []],
  ])("%s: a stated result", async (_, lists) => {
    const found = await study(goodsOf(lists));
    expect(found.rules).toEqual([]);
    expect(told(found).answer).toMatch(/^No two items lie together/);
  });

  test("every basket the same, and none kept, or no brand known: it is said why nothing is compared", async () => {
    const found = await study(goodsOf(Array.from({ length: 30 }, () => ["a", "b", "c"])));
    expect(told(found).answer).toMatch(/^Every item lies in nearly every basket \(a, b, c\)/);
    const nothing = basketsSection(await study(goodsOf([])), { ...TOLD, level: "brand" });
    expect(nothing.answer).toBe("Nothing to compare: what was bought has no brands.");
  });

  test("every basket the same: rules without exception, none significant", async () => {
    const found = await study(goodsOf(Array.from({ length: 30 }, () => ["a", "b", "c"])), {
      common_share: 1,
    });
    expect(found.rules.length).toBe(9);
    expect(
      found.rules.every(
        ({ confidence, lift, isSignificant }) => confidence === 1 && lift === 1 && !isSignificant,
      ),
    ).toBe(true);
    expect(told(found).answer).toMatch(
      /^Of \d+ rules? with a confidence of .* or more in .* none is significant/,
    );
  });

  test.each([
    ["mlik", "there is no item mlik"],
    ["Milk", "there is no item Milk; did you mean UHT-milk, buttermilk, condensed milk, …?"],
    ["WHOLE", "there is no item WHOLE; did you mean whole milk?"],
    ["Tee", "there is no item Tee; did you mean tea?"],
    ["coffee", "there is no item coffee"],
  ])("a right side that does not exist, %s: a name like it, or those that hold it", async (name, message) => {
    const goods = goodsOf([["whole milk", "UHT-milk", "tea"], ["buttermilk", "condensed milk"], ["tea"]]);
    const failed = study(goods, { right_with: [name] });
    await expect(failed).rejects.toMatchObject({ message: `baskets right_with: ${message}` });
  });

  test("sides that no rule has with the confidence: said, and not that chance makes it", async () => {
    const repeated = (items: readonly string[], count: number) => Array.from({ length: count }, () => items);
    const few = repeated(["a", "b"], 5);
    const sides = goodsOf([...few, ...repeated(["a", "c"], 95), ...repeated(["b", "d"], 95)]);
    const answerOf = async (
      goods: BasketGoods,
      settings: Partial<BasketsConfig>,
      language: "en" | "zh" = "en",
    ) => told(await study(goods, settings), language, settings).answer;
    const asked = { left_with: ["a"], right_with: ["b"], min_confidence: 0.2 };
    expect(await answerOf(sides, asked)).toContain(
      "No rule with the sides asked for reaches support and a confidence of 20.0% in 195 baskets.",
    );
    expect(await answerOf(sides, asked, "zh")).toContain(
      "195 个购物篮中，两侧符合要求的规则没有一条既达到支持度，又达到 20.0% 的置信度。",
    );
    expect(await answerOf(sides, { ...asked, min_confidence: 0.01 })).toContain(
      "Of 1 rule with the sides asked for in 195 baskets none is significant",
    );
    const alone = goodsOf([...few, ...repeated(["a"], 9), ...repeated(["b"], 9)]);
    expect(await answerOf(alone, { min_confidence: 1 })).toContain(
      "No rule reaches support and a confidence of 100.0% in 23 baskets.",
    );
  });

  test("a support of 0, or above 1", () => {
    for (const min_support of [0, -0.1, 1.01])
      expect(BasketsConfig.safeParse({ min_support }).success).toBe(false);
  });

  test("a budget too small for the rules of pairs raises the support and says so", async () => {
    const lists = Array.from({ length: 400 }, (_, at) =>
      Array.from({ length: 12 }, (__, i) => `i${(at * 7 + i * i) % 60}`),
    );
    const found = await study(goodsOf(lists), { memory_mb: 2, min_count: 1, max_length: 2 });
    expect(found.rules.length).toBeLessThanOrEqual(512);
    expect(found.found.minCount).toBeGreaterThan(1);
    expect(told(found).notes.join(" ")).toContain("The sets and their rules did not fit the budget of");
  });

  test("a budget too small for the sets raises the support and says so; one too small for the baskets is refused", async () => {
    const random = seeded(1);
    const lists = Array.from({ length: 60 }, () =>
      Array.from({ length: 60 }, (_, item) => `i${item}`).filter(() => random() < 0.8),
    );
    const found = await study(goodsOf(lists), { min_count: 12, memory_mb: 1, common_share: 1 });
    expect(found.found.minCount).toBeGreaterThan(12);
    const { answer, notes } = told(found);
    expect(notes.join(" ")).toContain("did not fit the budget");
    expect(notes.join(" ")).toContain("shorter sets (--max-length, max_length)");
    const count = found.found.minCount;
    expect(answer).toContain(
      `Only sets in ${count} baskets or more were looked for, not in 12, because more did not fit the memory.`,
    );
    expect(told(found, "zh").answer).toContain(
      `只查找了至少出现在 ${count} 个（而非 12 个）购物篮中的项集。`,
    );
    expect(told({ ...found, askedCount: count }).answer).not.toContain("looked for");
    const many = Array.from({ length: 40_000 }, () => ["a", "b"]);
    await expect(study(goodsOf(many), { memory_mb: 1 })).rejects.toThrow(
      /memory_mb: the baskets alone take 4 MB, allowed are 1/,
    );
  });
});
