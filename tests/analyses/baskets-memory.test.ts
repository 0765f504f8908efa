import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { BasketsConfig } from "../../src/analyses/baskets-config.js";
import { megabytesOf, setBudget } from "../../src/analyses/baskets-study.js";
import { itemsetStretches } from "../../src/models/frequent-itemsets.js";
import { basketsOf } from "../../src/models/item-baskets.js";
import { seeded, type Random } from "../../src/random.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
setFlagsFromString("--no-expose-gc");

/** Bytes of arrays that somebody still holds. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** The same once nothing of earlier tests is let go any more, which takes some turns of the loop. */
async function settledBytes(): Promise<number> {
  let [held, calm] = [heldBytes(), 0];
  for (let turn = 0; turn < 50 && calm < 5; turn++) {
    await setTimeout(20);
    const now = heldBytes();
    calm = now < held ? 0 : calm + 1;
    held = now;
  }
  return held;
}

const uniform = (itemCount: number, share: number) => (random: Random) =>
  Array.from({ length: itemCount }, (_, item) => item).filter(() => random() < share);
const rare = (random: Random) =>
  Array.from({ length: 1 + Math.floor(11 * random()) }, () => Math.floor(2000 ** random()));

test.each([
  ["2,000 items, most of them rare", 30_000, rare],
  ["30 items in 30 %", 30_000, uniform(30, 0.3)],
  ["24 items in 90 %", 15_000, uniform(24, 0.9)],
])(
  "%s: baskets and what is made of them while sets are looked for fit the memory that was allowed",
  async (_, basketCount, listOf) => {
    const random = seeded(11);
    const [baskets, items]: [number[], number[]] = [[], []];
    for (let basket = 0; basket < basketCount; basket++)
      for (const item of listOf(random)) {
        baskets.push(basket);
        items.push(item);
      }
    const before = await settledBytes();
    const own = basketsOf({ baskets, items }, { basketCount, itemCount: Math.max(...new Set(items)) + 1 });
    const memory_mb = megabytesOf(own.items.length) + 1;
    const stretches = itemsetStretches(own, {
      ...{ minCount: basketCount / 500, stretchLooks: own.items.length / 8 },
      budgetBytes: setBudget(own, BasketsConfig.parse({ memory_mb })),
    });
    let [most, pauses] = [0, 0];
    for (; stretches.next().done !== true; pauses++)
      if (pauses < 16) most = Math.max(most, heldBytes() - before);
    expect(pauses).toBeGreaterThan(1);
    expect(most / 1024 ** 2).toBeLessThanOrEqual(memory_mb);
    expect(most / 1024 ** 2).toBeGreaterThan(0.3 * memory_mb);
  },
);
