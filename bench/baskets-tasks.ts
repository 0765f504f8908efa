import { readFileSync } from "node:fs";
import { associationRules } from "../src/models/association-rules.js";
import { frequentItemsets } from "../src/models/frequent-itemsets.js";
import { basketsOf, type BasketRows, type Baskets } from "../src/models/item-baskets.js";
import { fractionOf, leastCount } from "../src/models/whole-thresholds.js";
import { seeded } from "../src/random.js";
import { measured, type Measurement } from "./measure.js";

type Measurements = Record<string, Measurement>;

/** Itemsets and rules of receipts, a line each with its items between commas, at support .001 and confidence .5: the first of a process. */
export async function measureGroceries(path: string): Promise<Measurements> {
  const receipts = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split(","));
  const numbers = new Map<string, number>();
  for (const name of receipts.flat()) if (!numbers.has(name)) numbers.set(name, numbers.size);
  const rows: BasketRows = {
    baskets: Float64Array.from(receipts.flatMap((names, basket) => names.map(() => basket))),
    items: Float64Array.from(receipts.flat(), (name) => numbers.get(name)!),
  };
  const sizes = { basketCount: receipts.length, itemCount: numbers.size };
  const minCount = leastCount(fractionOf("0.001"), receipts.length);
  const groceries = await measured(() => {
    const baskets = basketsOf(rows, sizes);
    const found = frequentItemsets(baskets, { minCount });
    associationRules(baskets, found, { minConfidence: fractionOf("0.5") });
  });
  return { groceries };
}

const BASKETS = 500_000;
const PRODUCTS = 5000;
const MOST_IN_BASKET = 11;

/** Baskets of one to eleven draws among products, the n-th of which comes as often as 1/n; and planted ones of a thousand different products. */
function zipfBaskets(plantedCount: number): Baskets {
  const random = seeded(11);
  const [baskets, items]: [number[], number[]] = [[], []];
  for (let basket = 0; basket < BASKETS; basket++)
    for (let left = 1 + Math.floor(random() * MOST_IN_BASKET); left > 0; left--) {
      baskets.push(basket);
      items.push(Math.floor(PRODUCTS ** random()) - 1);
    }
  for (let planted = 0; planted < plantedCount; planted++)
    for (let item = 0; item < 1000; item++) {
      baskets.push(BASKETS + planted);
      items.push((item * 5 + planted) % PRODUCTS);
    }
  return basketsOf({ baskets, items }, { basketCount: BASKETS + plantedCount, itemCount: PRODUCTS });
}

/** Sets of the baskets that lie in so many of them at least, within the default memory. */
async function measureSets(minCount: number, plantedCount = 0): Promise<Measurement> {
  const baskets = zipfBaskets(plantedCount);
  return measured(() => frequentItemsets(baskets, { minCount }));
}

/** Sets in 500 of 500,000 baskets, with so many huge ones among them. */
export async function measureCommonSets(plantedCount: string): Promise<Measurements> {
  return { sets: await measureSets(500, Number(plantedCount)) };
}

/** Sets in 50 of 500,000 baskets. */
export async function measureRareSets(): Promise<Measurements> {
  return { sets: await measureSets(50) };
}
