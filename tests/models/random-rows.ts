import type { CategoryFeature, Feature, NumberFeature, TrainingSet } from "../../src/models/training-set.js";
import { seeded, type Random } from "../../src/random.js";

/** Words as awkward as data has them. */
export const WORDS = ["plain", "it's", 'a "quoted" one', "客户", "", " spaced ", "null", "100%", "a,b"];

/** A column of numbers, coarse or fine, a tenth of them missing, some infinite where that is asked for. */
export function randomNumbers(name: string, rowCount: number, random: Random): NumberFeature {
  const steps = random() < 0.5 ? 8 : 1e9;
  const next = () => (random() < 0.1 ? NaN : Math.floor(random() * steps) / 7);
  return { kind: "number", name, values: Float64Array.from({ length: rowCount }, next) };
}

/** A column of words, a tenth of them missing. */
export function randomWords(name: string, rowCount: number, random: Random): CategoryFeature {
  const next = () => (random() < 0.1 ? -1 : Math.floor(random() * WORDS.length));
  return { kind: "category", name, categories: WORDS, codes: Int32Array.from({ length: rowCount }, next) };
}

/** Features of both kinds with odd names, and outcomes that hang on two of them. */
export function randomSet(rowCount: number, seed: number): TrainingSet {
  const random = seeded(seed);
  const numbers = [randomNumbers('a "b"', rowCount, random), randomNumbers("it's; --", rowCount, random)];
  const words = [randomWords("词", rowCount, random), randomWords("select", rowCount, random)];
  const features: Feature[] = [...numbers, ...words];
  const outcomes = Uint8Array.from({ length: rowCount }, (_, row) => {
    const high = numbers[0]!.values[row]! > 0.5 ? 0.35 : 0;
    return Number(random() < 0.2 + high + (words[0]!.codes[row]! % 3 === 0 ? 0.3 : 0));
  });
  return { features, outcomes };
}
