import { basketsOf, itemCounts, withoutEmpty } from "../models/item-baskets.js";
import type { BasketStudy } from "./baskets-study.js";

/** How much oftener than by chance two groups lie in one basket. */
export interface GroupLift {
  readonly first: string;
  readonly second: string;
  readonly count: number;
  readonly lift: number;
}

/** Every pair of different groups, both ways, among the commonest; none where there are not two. */
export function groupLifts({ goods, baskets }: BasketStudy, most: number): GroupLift[] {
  const names = [...new Set(goods.groups.filter((group) => group !== null))].sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  if (names.length < 2) return [];
  const placeOf = new Map(names.map((name, place) => [name, place]));
  const groupOf = goods.groups.map((group) => (group === null ? -1 : placeOf.get(group)!));
  const rows = new Int32Array(baskets.items.length);
  for (let basket = 0; basket < baskets.basketCount; basket++)
    rows.fill(basket, baskets.starts[basket], baskets.starts[basket + 1]);
  const grouped = withoutEmpty(
    basketsOf(
      { baskets: rows, items: baskets.items.map((item) => groupOf[item]!) },
      { basketCount: baskets.basketCount, itemCount: names.length },
    ),
  );
  const counts = itemCounts(grouped);
  const top = Array.from(counts.keys())
    .filter((group) => counts[group]! > 0)
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, most);
  const pairs = pairCounts(grouped, names.length);
  const liftOf = (first: number, second: number): GroupLift => {
    const count = pairs[first * names.length + second]!;
    const lift = (count * grouped.basketCount) / (counts[first]! * counts[second]!);
    return { first: names[first]!, second: names[second]!, count, lift };
  };
  return top.flatMap((second) =>
    top.filter((first) => first !== second).map((first) => liftOf(first, second)),
  );
}

function pairCounts(
  { starts, items, basketCount }: ReturnType<typeof basketsOf>,
  groupCount: number,
): Float64Array {
  const counts = new Float64Array(groupCount * groupCount);
  for (let basket = 0; basket < basketCount; basket++)
    for (let one = starts[basket]!; one < starts[basket + 1]!; one++)
      for (let other = starts[basket]!; other < starts[basket + 1]!; other++)
        counts[items[one]! * groupCount + items[other]!]! += 1;
  return counts;
}
