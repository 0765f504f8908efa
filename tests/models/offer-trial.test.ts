import { describe, expect, test } from "vitest";
import {
  chooseOffers,
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

const REPEATS = { rival: "repeats", ships: "repeats" } as const;
const MODEL = { rival: "repeats", ships: "model" } as const;

describe("what is chosen on an earlier period", () => {
  test("the model where it surely brings more than the better simple way, else that way", () => {
    expect(chooseOffers(trial({ model: 60, popular: 20, repeats: 30 }))).toEqual(MODEL);
    expect(chooseOffers(trial({ model: 33, popular: 20, repeats: 30 }))).toEqual(REPEATS);
    expect(chooseOffers(trial({ model: 20, popular: 60, repeats: 10 }))).toEqual({
      rival: "popular",
      ships: "popular",
    });
  });

  test("what sells best, by default, where nobody could be tried", () => {
    expect(chooseOffers([])).toEqual({ rival: "popular", ships: "popular" });
  });
});

describe("the grade of offers in money", () => {
  test("A and the model ships where it surely brings a fifth more than the simple way chosen before", () => {
    const { grade, ships, rival, gain } = judgeOffers(trial({ model: 60, popular: 20, repeats: 30 }), MODEL);
    expect([grade, ships, rival]).toEqual(["A", "model", "repeats"]);
    // 30 of 100 customers bring 10 more: mean 3, variance 30 − 9 = 21, standard error √(21 / 99).
    expect(gain.estimate).toBeCloseTo(300, 9);
    expect(gain.low).toBeCloseTo(300 - 1.959963984540054 * 100 * Math.sqrt(21 / 99), 6);
  });

  test("D and the simple way ships where the model was chosen and then surely lost", () => {
    const { grade, ships } = judgeOffers(trial({ model: 20, popular: 10, repeats: 60 }), MODEL);
    expect([grade, ships]).toEqual(["D", "repeats"]);
  });

  test("a period that is told of chooses nothing: neither the model, surely better, nor the other simple way", () => {
    const { grade, ships, rival } = judgeOffers(trial({ model: 60, popular: 50, repeats: 30 }), REPEATS);
    expect([grade, ships, rival]).toEqual(["A", "repeats", "repeats"]);
  });

  test("C and the customer's own repeats ship where fewer than ten customers tell the ways apart", () => {
    const { grade, ships } = judgeOffers(trial({ model: 39, popular: 10, repeats: 30 }), MODEL);
    expect([grade, ships]).toEqual(["C", "repeats"]);
  });

  test("without an earlier period the model is held against what sells best, and that ships", () => {
    const { grade, ships, rival } = judgeOffers(trial({ model: 60, popular: 20, repeats: 30 }));
    expect([grade, ships, rival]).toEqual(["A", "popular", "popular"]);
  });

  test("without anybody to try it on there is no grade, and what sells best ships", () => {
    expect(judgeOffers([], MODEL)).toMatchObject({ grade: undefined, ships: "popular", results: [] });
    const nobody = trial({ model: 0, popular: 0, repeats: 0 }).map((sums) => ({ ...sums, customerCount: 0 }));
    expect(judgeOffers(nobody, MODEL)).toMatchObject({ grade: undefined, ships: "popular" });
  });
});
