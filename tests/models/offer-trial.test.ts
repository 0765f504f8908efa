import { describe, expect, test } from "vitest";
import {
  judgeOffers,
  OFFER_COUNTS,
  CONTENDERS,
  type Contender,
  type OfferSums,
} from "../../src/models/offer-trial.js";

/** A hundred customers; each way earns the same amount from each of the first so many. */
function trial(earners: Readonly<Record<Contender, number>>, amount = 10): OfferSums[] {
  return OFFER_COUNTS.flatMap((offerCount) =>
    CONTENDERS.map((contender) => {
      const count = earners[contender];
      const difference = Math.abs(earners.model - count);
      return {
        contender,
        offerCount,
        customerCount: 100,
        hitCount: count,
        expectedCount: count,
        cameCount: count,
        amount: count * amount,
        amountSquares: count * amount ** 2,
        differenceAmount: (earners.model - count) * amount,
        differenceSquares: difference * amount ** 2,
        differenceCount: difference,
      };
    }),
  );
}

describe("the grade of offers in money", () => {
  test("A and the model ships where it surely brings a fifth more than the better simple way", () => {
    const { grade, ships, rival, gain } = judgeOffers(trial({ model: 60, popular: 20, repeats: 30 }));
    expect([grade, ships, rival]).toEqual(["A", "model", "repeats"]);
    // 30 of 100 customers bring 10 more: mean 3, variance 30 − 9 = 21, standard error √(21 / 99).
    expect(gain.estimate).toBeCloseTo(300, 9);
    expect(gain.low).toBeCloseTo(300 - 1.959963984540054 * 100 * Math.sqrt(21 / 99), 6);
  });

  test("D and what sells best ships where that surely brings more", () => {
    const { grade, ships } = judgeOffers(trial({ model: 20, popular: 60, repeats: 10 }));
    expect([grade, ships]).toEqual(["D", "popular"]);
  });

  test("C and the customer's own repeats ship where fewer than ten customers tell the ways apart", () => {
    const { grade, ships } = judgeOffers(trial({ model: 39, popular: 10, repeats: 30 }));
    expect([grade, ships]).toEqual(["C", "repeats"]);
  });

  test("without anybody to try it on there is no grade, and what sells best ships", () => {
    expect(judgeOffers([])).toMatchObject({ grade: undefined, ships: "popular", results: [] });
    const nobody = trial({ model: 0, popular: 0, repeats: 0 }).map((sums) => ({ ...sums, customerCount: 0 }));
    expect(judgeOffers(nobody)).toMatchObject({ grade: undefined, ships: "popular" });
  });
});
