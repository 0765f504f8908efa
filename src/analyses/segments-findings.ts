import type { AnalysisContext } from "../analysis.js";
import { valueWords } from "../code-words.js";
import type { RelationName } from "../relation.js";
import { nameOf, type SegmentVocabulary } from "../segment-vocabulary.js";
import { numbers } from "../table.js";
import {
  changesOf,
  centreRows,
  identify,
  knownSegments,
  NONE_KNOWN,
  nowKnown,
  type Movement,
  type PreviousSegment,
  type SegmentChanges,
} from "./segments-identity.js";
import type { ClusterConfig } from "./segments-config.js";
import { assignmentScoring, type NamedSegment } from "./segments-scoring.js";
import type { SegmentSource, StudyContext } from "./segments-source.js";
import { shownDifferences } from "./segments-shown.js";
import { studySegments, type SegmentStudy } from "./segments-study.js";

/** What was found, named and assigned. */
export interface SegmentFindings {
  readonly study: SegmentStudy;
  /** In the order of the clusters: the largest of the sample first. */
  readonly segments: readonly NamedSegment[];
  readonly sizes: readonly SegmentSize[];
  /** Last run's, under today's words. */
  readonly previous: readonly { readonly id: number; readonly name: string }[];
  readonly changes: SegmentChanges;
  /** Whether the rows tell of money. */
  readonly hasMoney: boolean;
}

/** Customers and money of a segment, all of them. */
export interface SegmentSize {
  readonly id: number;
  readonly count: number;
  readonly share: number;
  /** NaN where none is known. */
  readonly money: number;
  readonly moneyShare: number;
}

/** All that segments need of a context. */
export type FindingsContext = StudyContext & Pick<AnalysisContext<RelationName>, "build">;

/** What findings rest on. */
export interface FindingsRequest {
  readonly source: SegmentSource;
  readonly config: ClusterConfig;
  readonly vocabulary: SegmentVocabulary;
  /** Whether a run before this one may have left segments. */
  readonly hasHistory: boolean;
}

/** Finds segments, gives them ids and names, and assigns every customer: `results.segments` and what rests on it. */
export async function findSegments(
  context: FindingsContext,
  request: FindingsRequest,
): Promise<SegmentFindings> {
  const { source, config, vocabulary, hasHistory } = request;
  const known = hasHistory ? knownSegments(await context.table("run.previous_segment_centres")) : NONE_KNOWN;
  const { segments: previous } = known;
  const study = await studySegments(context, { source, config, previous });
  const words = wordsOf(context, source, vocabulary);
  const segments =
    study.found === undefined
      ? []
      : identify(study.preparation, study.found, {
          ...{ known, vocabulary },
          shown: shownOf(study, context),
        }).map((identity) => ({
          ...identity,
          name: nameOf(identity.key, words),
          nameBefore: identity.keyBefore === undefined ? undefined : nameOf(identity.keyBefore, words),
        }));
  await context.score(
    "segments",
    assignmentScoring({ study, segments }, { from: source.relation, grain: ["customer_id"] }),
  );
  const left =
    study.found === undefined
      ? known
      : nowKnown(study.preparation, { clusters: study.found.clusters, identities: segments, known });
  await context.write("segment_centres", centreRows(left));
  for (const name of ["segment_members", "segment_sizes", "segment_typical"]) await context.build(name);
  if (hasHistory) await context.build("segment_movements");
  const sizes = await readSizes(context);
  return {
    ...{ study, segments, sizes },
    previous: previous.map(({ id, key }) => ({ id, name: nameOf(key, words) })),
    changes: hasHistory ? await readChanges(context, previous, segments) : { splits: [], merges: [] },
    hasMoney: sizes.some(({ money }) => !Number.isNaN(money)),
  };
}

/** Of each cluster the differences that its figures show. */
const shownOf = ({ found, source }: SegmentStudy, { run }: FindingsContext) =>
  found!.differences.map((own) =>
    shownDifferences(own, source.features, { language: run.language, currency: run.currency ?? "" }),
  );

function wordsOf({ run, texts }: FindingsContext, source: SegmentSource, vocabulary: SegmentVocabulary) {
  const labelOf = (name: string) => source.features.find((feature) => feature.name === name)?.label ?? name;
  const wordOf = (feature: string, word: string) => valueWords(feature, word, texts);
  return { vocabulary, language: run.language, labelOf, wordOf };
}

async function readSizes(context: FindingsContext): Promise<SegmentSize[]> {
  const rows = await context.table("results.segment_sizes");
  const [ids, counts, shares] = ["segment", "customer_count", "customer_rate"].map((name) =>
    numbers(rows, name),
  );
  const [money, moneyShares] = ["total_amount", "amount_rate"].map((name) => numbers(rows, name));
  return Array.from(ids!, (id, row) => ({
    id,
    count: counts![row]!,
    share: shares![row]!,
    money: money![row]!,
    moneyShare: moneyShares![row]!,
  }));
}

async function readChanges(
  context: FindingsContext,
  previous: readonly PreviousSegment[],
  segments: readonly NamedSegment[],
): Promise<SegmentChanges> {
  const rows = await context.table("results.segment_movements");
  const [from, to, counts] = ["previous_segment", "segment", "customer_count"].map((name) =>
    numbers(rows, name),
  );
  const movements = Array.from(from!, (id, row): Movement => ({
    from: id,
    to: to![row]!,
    count: counts![row]!,
  }));
  return changesOf(
    movements,
    previous.map(({ id }) => id),
    segments.map(({ id }) => id),
  );
}
