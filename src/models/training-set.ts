/** Something measured of every row; NaN where it is not known. */
export interface NumberFeature {
  readonly kind: "number";
  readonly name: string;
  readonly values: Float64Array;
}

/** A word of a closed set for every row, as its place in `categories`; -1 where it is not known. */
export interface CategoryFeature {
  readonly kind: "category";
  readonly name: string;
  readonly codes: Int32Array;
  readonly categories: readonly string[];
}

/** What a model may learn from, a column of it. */
export type Feature = NumberFeature | CategoryFeature;

/** Rows whose outcome is known: what a model learns from, or is tried on. */
export interface TrainingSet {
  /** Columns of equal length, by name. */
  readonly features: readonly Feature[];
  /** 1 where what is foretold came about (the customer left), else 0. */
  readonly outcomes: Uint8Array;
  /** How much each row counts; without them each counts 1. */
  readonly weights?: Float64Array;
}

/** Tells rows apart that are held out together: a whole number from 0 for each row. */
export type Folds = Int32Array;

/** A column of words, as places in their sorted set. */
export function categoryFeature(name: string, words: readonly (string | null)[]): CategoryFeature {
  const categories = [...new Set(words.filter((word) => word !== null))].toSorted();
  const places = new Map(categories.map((word, place) => [word, place]));
  return {
    kind: "category",
    name,
    categories,
    codes: Int32Array.from(words, (word) => places.get(word!) ?? -1),
  };
}

/** The rows of a feature at the given places, in their order. */
export function featureAt(feature: Feature, rows: ArrayLike<number>): Feature {
  if (feature.kind === "number")
    return { ...feature, values: Float64Array.from(rows, (row) => feature.values[row]!) };
  return { ...feature, codes: Int32Array.from(rows, (row) => feature.codes[row]!) };
}

/** The rows of a training set at the given places, in their order; a place may come more than once. */
export function rowsAt({ features, outcomes, weights }: TrainingSet, rows: ArrayLike<number>): TrainingSet {
  return {
    features: features.map((feature) => featureAt(feature, rows)),
    outcomes: Uint8Array.from(rows, (row) => outcomes[row]!),
    ...(weights === undefined ? {} : { weights: Float64Array.from(rows, (row) => weights[row]!) }),
  };
}

/** The places of the rows that a test accepts, ascending. */
export function placesWhere(length: number, isChosen: (row: number) => boolean): Int32Array {
  const places = new Int32Array(length);
  let count = 0;
  for (let row = 0; row < length; row++) if (isChosen(row)) places[count++] = row;
  return places.slice(0, count);
}
