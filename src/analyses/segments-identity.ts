import {
  coordinateOf,
  dimensionsOf,
  valueAt,
  type Dimension,
  type Preparation,
} from "../models/cluster-features.js";
import { matchClusters } from "../models/cluster-match.js";
import type { Difference } from "../models/cluster-differences.js";
import { keyHolds, nameKeys, type NameKey, type SegmentVocabulary } from "../segment-vocabulary.js";
import { numbers, tableOf, texts, type Table } from "../table.js";
import type { Clusters } from "../models/k-means.js";
import type { FoundClusters } from "./segments-study.js";

/** A segment as it is known from run to run. */
export interface SegmentIdentity {
  /** From 1; kept from run to run. */
  readonly id: number;
  readonly key: NameKey;
  /** What it was called by until its words no longer held; undefined for a name that is kept or new. */
  readonly keyBefore: NameKey | undefined;
  /** How far its centre went since the last run; NaN for a new segment. */
  readonly drift: number;
  /** The coordinate that changed most; undefined for a new segment. */
  readonly driftedIn: Dimension | undefined;
}

/** A segment of the last run that had any, by the values at its centre. */
export interface PreviousSegment {
  readonly id: number;
  readonly key: NameKey;
  readonly centre: ReadonlyMap<string, number>;
}

/** What earlier runs left: the segments of the last run that had any, and the highest id ever given. */
export interface KnownSegments {
  readonly segments: readonly PreviousSegment[];
  readonly highestId: number;
}

/** Before any run there are none. */
export const NONE_KNOWN: KnownSegments = { segments: [], highestId: 0 };

/** What earlier runs left, from its rows; an early version left no highest id. */
export function knownSegments(rows: Table): KnownSegments {
  const [ids, keys] = [numbers(rows, "segment"), texts(rows, "segment_key")];
  const [dimensions, values] = [texts(rows, "dimension"), numbers(rows, "centre")];
  const highest = numbers(rows, "highest_segment").filter((id) => !Number.isNaN(id));
  const found = new Map<number, { id: number; key: NameKey; centre: Map<string, number> }>();
  ids.forEach((id, row) => {
    const own = found.get(id) ?? { id, key: keys[row] ?? "", centre: new Map<string, number>() };
    own.centre.set(dimensions[row]!, values[row]!);
    found.set(id, own);
  });
  return {
    segments: [...found.values()].toSorted((a, b) => a.id - b.id),
    highestId: Math.max(0, ...ids, ...highest),
  };
}

const dimensionKey = ({ feature, word }: Dimension) =>
  word === undefined ? feature : `${feature}=${word ?? ""}`;

/** The segments of tonight as the next run must know them; without any, those that were known before. */
export function nowKnown(
  { features }: Preparation,
  {
    clusters,
    identities,
    known,
  }: {
    readonly clusters: Clusters;
    readonly identities: readonly SegmentIdentity[];
    readonly known: KnownSegments;
  },
): KnownSegments {
  const dimensions = dimensionsOf({ features });
  const centreOf = (cluster: number) =>
    dimensions.map((dimension, d): [string, number] => {
      const coordinate = clusters.centres[cluster * clusters.dimensions + d]!;
      const feature = features.find(({ name }) => name === dimension.feature)!;
      const value = feature.kind === "number" ? valueAt(feature, coordinate) : coordinate / feature.height;
      return [dimensionKey(dimension), value];
    });
  return {
    segments: identities.map(({ id, key }, cluster) => ({ id, key, centre: new Map(centreOf(cluster)) })),
    highestId: Math.max(known.highestId, ...identities.map(({ id }) => id)),
  };
}

/** The rows that the next run reads. */
export function centreRows({ segments, highestId }: KnownSegments): Table {
  const rows = segments.flatMap(({ id, key, centre }) =>
    Array.from(centre, ([dimension, value]) => ({ id, key, dimension, value })),
  );
  return tableOf({
    segment: Float64Array.from(rows, ({ id }) => id),
    dimension: rows.map(({ dimension }) => dimension),
    centre: Float64Array.from(rows, ({ value }) => value),
    segment_key: rows.map(({ key }) => key),
    highest_segment: new Float64Array(rows.length).fill(highestId),
  });
}

/** What segments were called and may be called. */
export interface Naming {
  readonly known: KnownSegments;
  readonly vocabulary: SegmentVocabulary;
  /** Of each cluster the differences that its figures show; names rest on no others. */
  readonly shown: readonly (readonly Difference[])[];
}

/**
 * Ids and names: those of known segments for the clusters that are the same, for the others new ones, never given
 * before. Where the words of a name no longer hold, the id stays and the name changes.
 */
export function identify(
  { features }: Preparation,
  { clusters }: Pick<FoundClusters, "clusters">,
  { known, vocabulary, shown }: Naming,
): SegmentIdentity[] {
  const { segments: previous } = known;
  const dimensions = dimensionsOf({ features });
  const before = previousCentres({ features }, previous);
  const now = shown.map((_, j) =>
    Array.from(clusters.centres.subarray(j * clusters.dimensions, (j + 1) * clusters.dimensions)),
  );
  const matches = matchClusters(before, now);
  const keptKeys = matches.map(({ before: place }, cluster) => {
    const key = previous[place]?.key;
    return key !== undefined && keyHolds(key, shown[cluster]!, vocabulary) ? key : undefined;
  });
  const freshKeys = nameKeys(
    shown.filter((_, cluster) => keptKeys[cluster] === undefined),
    vocabulary,
    keptKeys.filter((key) => key !== undefined),
  );
  let next = known.highestId;
  return matches.map(({ before: place, distance }, cluster) => {
    const key = keptKeys[cluster] ?? freshKeys.shift()!;
    if (place < 0) return { id: ++next, key, keyBefore: undefined, drift: NaN, driftedIn: undefined };
    const moves = now[cluster]!.map((value, d) => Math.abs(value - before[place]![d]!) || 0);
    const { id, key: keyBefore } = previous[place]!;
    return {
      ...{ id, key, keyBefore: key === keyBefore ? undefined : keyBefore, drift: distance },
      driftedIn: dimensions[moves.indexOf(Math.max(...moves))],
    };
  });
}

/** The centres of the last run among today's coordinates. */
export const previousCentres = (
  { features }: Pick<Preparation, "features">,
  previous: readonly PreviousSegment[],
): number[][] =>
  previous.map(({ centre }) =>
    dimensionsOf({ features }).map((dimension) => coordinateAt(features, dimension, centre)),
  );

/** Where last run's centre lies among today's coordinates; NaN where that run did not know the feature. */
function coordinateAt(
  features: Preparation["features"],
  dimension: Dimension,
  centre: ReadonlyMap<string, number>,
): number {
  const value = centre.get(dimensionKey(dimension));
  const feature = features.find(({ name }) => name === dimension.feature)!;
  if (value === undefined) return NaN;
  return feature.kind === "number" ? coordinateOf(feature, value) : value * feature.height;
}

/** What became of segments since the last run. */
export interface SegmentChanges {
  /** Segments whose customers mostly came from one that still is there. */
  readonly splits: readonly { readonly from: number; readonly to: number; readonly share: number }[];
  /** Segments that are gone, and where most of their customers went. */
  readonly merges: readonly { readonly from: number; readonly to: number; readonly share: number }[];
}

/** A cell of the movements: customers by segment then and now; 0 for none. */
export interface Movement {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const MOST = 0.5;

/** Splits and merges, by where the customers of new and of gone segments were and are. */
export function changesOf(
  movements: readonly Movement[],
  previousIds: readonly number[],
  ids: readonly number[],
): SegmentChanges {
  const sumWhere = (isSo: (movement: Movement) => boolean) =>
    movements.filter(isSo).reduce((sum, { count }) => sum + count, 0);
  const known = movements.filter(({ from, to }) => from > 0 && to > 0);
  const flows = known.map(({ from, to, count }) => ({
    ...{ from, to },
    shareOfTo: count / sumWhere((movement) => movement.to === to),
    shareOfFrom: count / sumWhere((movement) => movement.from === from),
  }));
  const splits = flows
    .filter(({ from, to, shareOfTo }) => !previousIds.includes(to) && ids.includes(from) && shareOfTo >= MOST)
    .map(({ from, to, shareOfTo: share }) => ({ from, to, share }));
  const merges = flows
    .filter(({ from, shareOfFrom }) => !ids.includes(from) && shareOfFrom >= MOST)
    .map(({ from, to, shareOfFrom: share }) => ({ from, to, share }));
  return { splits, merges };
}
