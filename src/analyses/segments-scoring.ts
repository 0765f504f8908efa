import type { Scoring } from "../analysis.js";
import type { RelationName } from "../relation.js";
import { assignmentSql } from "../models/cluster-sql.js";
import { quoteName, quoteText } from "../sql.js";
import type { SegmentIdentity } from "./segments-identity.js";
import type { SegmentFeature } from "./segments-source.js";
import type { SegmentStudy } from "./segments-study.js";

/** A segment with the name that people read. */
export interface NamedSegment extends SegmentIdentity {
  readonly name: string;
  /** What people called it until that no longer held. */
  readonly nameBefore: string | undefined;
}

/** What rows are assigned by: the study, and the segments in the order of its clusters; none where there are none. */
export interface Assignment {
  readonly study: SegmentStudy;
  readonly segments: readonly NamedSegment[];
}

/** A feature as the assignment reads it: a double or a text. */
export const featureSql = ({ name, kind }: Pick<SegmentFeature, "name" | "kind">) =>
  kind === "number" ? `cast(${quoteName(name)} as double)` : quoteName(name);

/** How every row of a relation gets its segment, the distance to its centre and its silhouette. */
export function assignmentScoring(
  { study, segments }: Assignment,
  {
    from,
    grain,
    prefix = "",
  }: { readonly from: string; readonly grain: readonly string[]; readonly prefix?: string },
): Scoring<RelationName> {
  const relation = from as RelationName;
  if (study.found === undefined) return { from: relation, grain, columns: NO_SEGMENT };
  const { clusters } = study.found;
  const kindOf = (name: string) => study.source.features.find((feature) => feature.name === name)!;
  const made = assignmentSql(
    { preparation: study.preparation, clusters, ids: segments.map(({ id }) => id) },
    (name) => featureSql(kindOf(name)),
    prefix,
  );
  const names = segments.map(({ id, name }) => `when ${id} then ${quoteText(name)}`);
  return {
    from: relation,
    grain,
    steps: made.steps,
    columns: {
      segment: made.cluster,
      segment_name: `case ${made.cluster} ${names.join(" ")} end`,
      distance: made.distance,
      silhouette: made.silhouette,
    },
  };
}

const NO_SEGMENT = {
  segment: "cast(null as integer)",
  segment_name: "cast(null as varchar)",
  distance: "cast(null as double)",
  silhouette: "cast(null as double)",
};
