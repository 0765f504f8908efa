import type { ModelCard } from "../section.js";
import { dimensionsOf, type PreparedFeature } from "../models/cluster-features.js";
import type { SegmentFindings } from "./segments-findings.js";

const finite = (value: number) => (Number.isFinite(value) ? value : null);

/** Cards for `models.json`: the clusters with all that assigns by them, and the tree that describes them. */
export function segmentCards(findings: SegmentFindings, sentences: readonly string[]): ModelCard[] {
  return [
    clusterCard(findings),
    ...(findings.study.found === undefined ? [] : [treeCard(findings, sentences)]),
  ];
}

function clusterCard(findings: SegmentFindings): ModelCard {
  const { study } = findings;
  const { found, choice, config, preparation, source } = study;
  const labelOf = (name: string) => source.features.find((feature) => feature.name === name)?.label ?? name;
  const trial = choice.trials.find(({ k }) => k === found?.clusters.k);
  return {
    name: "k-means",
    row_count: source.rowCount,
    sample_count: study.sampleCount,
    k: found?.clusters.k ?? 0,
    is_k_asked: config.k !== undefined,
    inertia: found?.clusters.inertia ?? null,
    silhouette: found === undefined ? null : finite(found.silhouette),
    stability: finite(trial?.stability ?? NaN),
    starts: found?.clusters.starts ?? 0,
    seed: study.seed,
    why_none: study.why ?? null,
    excess_over_shuffled: finite(choice.excess),
    shuffle_count: choice.shuffleCount,
    is_of_numbers: choice.isOfNumbers,
    trials: choice.trials.map(({ k, inertia, ...trial }) => ({
      ...{ k, inertia, silhouette: finite(trial.silhouette), stability: finite(trial.stability) },
      comparable_silhouette: finite(trial.comparableSilhouette),
      reference_silhouette: finite(trial.referenceSilhouette),
      gain: finite(trial.gain),
    })),
    settings: { transform: config.transform, scale: config.scale },
    features: preparation.features.map((feature) => featureFields(feature, labelOf)),
    dropped: preparation.dropped.map(({ name, reason, like }) => ({
      ...{ feature: labelOf(name), reason, like: like === undefined ? null : labelOf(like) },
    })),
    dimensions: dimensionsOf(preparation).map(({ feature, word }) => ({
      feature: labelOf(feature),
      ...(word === undefined ? {} : { word }),
    })),
    segments: segmentFields(findings),
  };
}

function segmentFields({ study: { found }, segments, sizes }: SegmentFindings) {
  return segments.map(({ id, name, key, drift }, j) => {
    const { centres, dimensions } = found!.clusters;
    return {
      ...{ segment: id, segment_name: name, named_by: key },
      customer_count: sizes.find((size) => size.id === id)?.count ?? 0,
      drift: finite(drift),
      centre: Array.from(centres.subarray(j * dimensions, (j + 1) * dimensions)),
    };
  });
}

function featureFields(feature: PreparedFeature, labelOf: (name: string) => string) {
  const name = labelOf(feature.name);
  if (feature.kind === "category")
    return {
      feature: name,
      kind: "words",
      words: feature.words,
      height: feature.height,
      weight: feature.weight,
    };
  const { fill, missingShare, unit, skewness, centre, spread, limit, weight } = feature;
  return {
    ...{
      feature: name,
      kind: "number",
      logarithm_unit: unit,
      skewness: finite(skewness),
      centre,
      spread,
      limit,
    },
    ...{ weight, missing_share: missingShare, missing_taken_as: fill },
  };
}

function treeCard({ study, segments }: SegmentFindings, sentences: readonly string[]): ModelCard {
  const { tree, accuracy, majorityShare } = study.found!.tree;
  return {
    name: "profile-tree",
    criterion: "gini",
    accuracy: finite(accuracy),
    majority_share: majorityShare,
    leaf_count: sentences.length,
    leaves: sentences,
    nodes: tree.nodes.map(({ split, left, right, weight, mode, classCounts }) => ({
      ...{ split: split ?? null, left, right, weight, segment: segments[mode]!.id },
      class_counts: classCounts,
    })),
  };
}
