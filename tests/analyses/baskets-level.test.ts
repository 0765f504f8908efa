import { expect, test } from "vitest";
import { BasketsConfig } from "../../src/analyses/baskets-config.js";
import { levelled, refuseUnknownSides, suitingLevel, type Bought } from "../../src/analyses/baskets-level.js";
import { studyBaskets } from "../../src/analyses/baskets-study.js";
import { tableOf } from "../../src/table.js";
import type { Pace } from "../../src/pace.js";

const PRODUCTS = [
  ["Beans", "Coffee"],
  ["Filter", "Coffee"],
  ["Cup", "Ware"],
  ["Shipping", "Ware"],
  ...Array.from({ length: 12 }, (_, i) => [`Tea ${i}`, "Tea"] as const),
] as const;

/** Baskets of products by their place; one customer a basket. */
function boughtIn(baskets: readonly (readonly number[])[]): Bought {
  const rows = baskets.flatMap((products, basket) => products.map((product) => [basket, product] as const));
  const column = (place: 0 | 1) => Float64Array.from(rows, (row) => row[place]);
  return {
    rows: { baskets: column(0), customers: column(0), products: column(1), days: column(0) },
    ...{ basketCount: baskets.length, customerCount: baskets.length, lastDay: 1000, isMargin: false },
    amounts: Float64Array.from(PRODUCTS, () => 10),
    products: tableOf({
      product_name: PRODUCTS.map(([name]) => name),
      product_label: PRODUCTS.map(([name]) => name),
      product_key: PRODUCTS.map((_, place) => `P${place}`),
      category: PRODUCTS.map(([, category]) => category),
    }),
  };
}

const rest = () => Promise.resolve();
const pace: Pace = async (_name, _rows, work) => work(rest);

test("a product that is excluded is no part of its category, and is known by its name", async () => {
  const bought = boughtIn([[0, 3], [1, 3], [2, 3], [3]]);
  const config = BasketsConfig.parse({ excluded_items: ["Shipping"], common_share: 1 });
  const { goods } = levelled(bought, config, "category");
  const byKey = levelled(bought, { ...config, excluded_items: ["P3"] }, "category").goods;
  expect(byKey).toEqual(goods);
  expect((await studyBaskets(byKey, { ...config, excluded_items: ["P3"] }, pace)).unknown).toEqual([]);
  const study = await studyBaskets(goods, config, pace);
  expect(study.unknown).toEqual([]);
  expect(goods.names).toEqual(["Coffee", "Tea", "Ware"]);
  const all = levelled(bought, BasketsConfig.parse({}), "category").goods;
  const waresIn = ({ names, items }: typeof goods) => items.filter((item) => names[item] === "Ware").length;
  expect([waresIn(goods), waresIn(all)]).toEqual([1, 5]);
});

test("what lies in nearly every basket makes no pairs that a level is chosen by", async () => {
  const bought = boughtIn(
    Array.from({ length: 48 }, (_, at) => [4 + (at % 12), 3, ...(at === 0 ? [0] : [])]),
  );
  const level = async (settings: Partial<BasketsConfig>) =>
    (await suitingLevel(bought, BasketsConfig.parse({ min_count: 2, ...settings }), rest)).level;
  expect(await level({ common_share: 1 })).toBe("product");
  expect(await level({ common_share: 0.9 })).toBe("category");
  expect(await level({ common_share: 0.9, left_with: ["Beans"] })).toBe("product");
});

test("baskets beyond the memory are refused before pairs are looked for, and what was cleaned for them is studied", async () => {
  const bought = boughtIn([[0, 3], [1, 3], [2, 3], [3]]);
  const config = BasketsConfig.parse({ excluded_items: ["Shipping"], min_count: 1, common_share: 1 });
  await expect(suitingLevel(bought, { ...config, memory_mb: 0.001 }, rest)).rejects.toThrow(
    "memory_mb: the baskets alone take 1 MB, allowed are 0.001",
  );
  const named = { ...config, left_with: [levelled(bought, config, "product").goods.names[0]!] };
  const { goods } = await suitingLevel(bought, named, rest);
  expect(goods.cleaned?.excluded.map(({ count }) => count)).toEqual([4]);
  const { baskets } = await studyBaskets(goods, named, pace);
  expect(baskets).toBe(goods.cleaned?.baskets);
});

test("settings name products by name, key or label; a name of several means all of them", () => {
  const bought = boughtIn([[0, 1]]);
  const products = tableOf({
    product_name: ["Beans", "Beans", "Cup"],
    product_label: ["Beans (P0)", "Beans (P1)", "Cup"],
    product_key: ["P0", "P1", "P2"],
    category: ["Coffee", "Coffee", "Ware"],
  });
  const asked = BasketsConfig.parse({
    left_with: ["P2"],
    excluded_items: ["Beans"],
    right_with: ["Beans (P1)"],
  });
  const { config } = levelled({ ...bought, products, amounts: Float64Array.of(1, 1, 1) }, asked, "product");
  expect(config.left_with).toEqual(["Cup"]);
  expect(config.excluded_items).toEqual(["Beans (P0)", "Beans (P1)"]);
  expect(config.right_with).toEqual(["Beans (P1)"]);
});

test("a side that names no product, nor a category where that may be chosen, is refused before anything is looked for", () => {
  const { products } = boughtIn([[0, 1]]);
  const refuse = (settings: Partial<BasketsConfig>) => () =>
    refuseUnknownSides(products, BasketsConfig.parse(settings));
  for (const right_with of [["Beans"], ["P0"], ["Coffee"]]) expect(refuse({ right_with })).not.toThrow();
  expect(refuse({ right_with: ["Cofee"] })).toThrow("there is no item Cofee; did you mean Coffee?");
  expect(refuse({ right_with: ["Coffee"], level: "product" })).toThrow("there is no item Coffee");
  expect(refuse({ right_with: ["P0"], level: "category" })).toThrow("there is no item P0");
});
