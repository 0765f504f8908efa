import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";
import { basketsOf, type Baskets } from "../../src/models/item-baskets.js";
import type { Random } from "../../src/random.js";

/** Baskets of lists of items; an item may stand twice in a list. */
export function basketsFrom(lists: readonly (readonly number[])[], itemCount?: number): Baskets {
  const baskets = lists.flatMap((list, basket) => list.map(() => basket));
  const items = lists.flat();
  return basketsOf(
    { baskets, items },
    { basketCount: lists.length, itemCount: itemCount ?? Math.max(-1, ...items) + 1 },
  );
}

/** The lists again, each ascending. */
export const listsOf = ({ basketCount, starts, items }: Baskets): number[][] =>
  Array.from({ length: basketCount }, (_, basket) => [...items.subarray(starts[basket], starts[basket + 1])]);

/** The same sizes and item frequencies, all else at random: pairs of items change places until nothing is left of who lay with whom. */
export function swapped(lists: readonly (readonly number[])[], random: Random): number[][] {
  const rows = lists.flatMap((list, basket) =>
    [...new Set(list)].map((item): [number, number] => [basket, item]),
  );
  const keyOf = (basket: number, item: number) => basket * 1e5 + item;
  const taken = new Set(rows.map(([basket, item]) => keyOf(basket, item)));
  for (let step = 0; step < rows.length * 15; step++) {
    const one = rows[Math.floor(random() * rows.length)]!;
    const two = rows[Math.floor(random() * rows.length)]!;
    const [a, b] = [keyOf(one[0], two[1]), keyOf(two[0], one[1])];
    if (taken.has(a) || taken.has(b)) continue;
    taken.delete(keyOf(one[0], one[1]));
    taken.delete(keyOf(two[0], two[1]));
    taken.add(a).add(b);
    [one[1], two[1]] = [two[1], one[1]];
  }
  const mixed: number[][] = lists.map(() => []);
  for (const [basket, item] of rows) mixed[basket]!.push(item);
  return mixed;
}

const REFERENCE = fileURLToPath(new URL("../../../shared/reference/baskets/", import.meta.url));
/** False where the reference files are not at hand; tests of them then skip. */
export const HAS_GROCERIES = existsSync(`${REFERENCE}groceries_long.csv`);

/** 9,835 receipts of a grocery (Hahsler, Hornik & Reutterer 2006), and the names of what is in them. */
export function groceries(): { readonly lists: number[][]; readonly names: string[] } {
  const rows = parse(readFileSync(`${REFERENCE}groceries_long.csv`), { from_line: 2 }) as [string, string][];
  const numbers = new Map<string, number>();
  const lists: number[][] = [];
  for (const [receipt, name] of rows) {
    if (!numbers.has(name)) numbers.set(name, numbers.size);
    (lists[Number(receipt) - 1] ??= []).push(numbers.get(name)!);
  }
  return { lists, names: [...numbers.keys()] };
}

/** What arules found in them. */
export interface Job {
  readonly support: number;
  readonly min_count: number;
  readonly maxlen: number | "none";
  readonly n_itemsets: number;
  readonly by_size: Readonly<Record<string, number>>;
  readonly sum_counts: number;
  readonly rules: readonly {
    readonly confidence: number;
    readonly n_rules: number;
    readonly sum_lift: number;
    readonly top20_by_lift: readonly {
      readonly lhs: string;
      readonly rhs: string;
      readonly count: number;
      readonly support: number;
      readonly confidence: number;
      readonly lift: number;
    }[];
  }[];
}

const json = (name: string) => JSON.parse(readFileSync(`${REFERENCE}${name}`, "utf8")) as unknown;
/** By arules, at every support. */
export const arulesJobs = () =>
  (json("basket_groceries.json") as { result: { jobs: readonly Job[] } }).result.jobs;
/** By mlxtend. */
export const mlxtendJobs = () =>
  (
    json("basket_mlxtend_groceries.json") as {
      groceries: {
        jobs: readonly (Pick<Job, "support" | "n_itemsets" | "by_size" | "sum_counts"> & {
          max_len: number | null;
          confidence: number;
          n_rules_all: number;
          n_rules_single_consequent: number;
        })[];
      };
    }
  ).groceries.jobs;
