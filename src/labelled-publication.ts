import type { Engine } from "./engines/engine.js";
import type { LoadedFile } from "./labelled-file.js";
import { reasonsOf } from "./labelled-reasons.js";
import { studyColumns, type ToldStudy } from "./labelled-section.js";
import type { Study } from "./labelled-study.js";
import { RISK_BANDS, riskBand } from "./models/risk-bands.js";
import type { RelationName } from "./relation.js";
import type { Report } from "./report.js";
import { quoteText } from "./sql.js";
import { nameAt, STAGED } from "./staged-table.js";
import { writeTableAnswer } from "./table-publication.js";
import { tableOf, type Table } from "./table.js";

const SCORES: RelationName = "results.labelled_scores";
const REASONS: RelationName = "results.labelled_reasons";
const CHURN: RelationName = "results.labelled_churn";

/** What an answer on a labelled table leaves behind. */
export interface StudyPublication {
  readonly told: ToldStudy;
  readonly loaded: LoadedFile;
  readonly report: Report;
  readonly exitCode: number;
}

/** Fills a folder with everything that is published. */
export async function writeStudy(
  engine: Engine,
  publication: StudyPublication,
  folder: string,
): Promise<void> {
  const { told, loaded } = publication;
  await buildScores(engine, told, loaded);
  const columns = studyColumns(told.texts);
  const order = "churn_probability desc, customer_key, row_place";
  const table = { name: "churn", relation: CHURN, columns, order } as const;
  await writeTableAnswer(engine, { ...publication, table, settings: settingsOf(told) }, folder);
}

function settingsOf({ study: { table, settings } }: ToldStudy) {
  const { label, key, fold, value } = table;
  return { label: label.column, positive: label.positive, key, fold, value, ...settings };
}

/** Of every row key, probability, band, reasons, value at risk and leaf. */
async function buildScores(engine: Engine, told: ToldStudy, { table }: LoadedFile): Promise<void> {
  const { study, texts, wording } = told;
  const reasons = reasonsOf(study, wording);
  await engine.write(SCORES, [scoreTable(study, reasons.places)]);
  const places = Float64Array.from(reasons.texts.keys());
  await engine.write(REASONS, [tableOf({ place: places, reason: reasons.texts })]);
  const { key } = study.table;
  const rowNumber = "cast(cast(scores.row_place as bigint) as varchar)";
  const keyCell =
    key === undefined ? rowNumber : `coalesce(staged.${nameAt(table.columns.indexOf(key))}, ${rowNumber})`;
  const bands = RISK_BANDS.map((band) => `when ${quoteText(band)} then ${quoteText(texts.file.bands[band])}`);
  const columns = reasons.places.map((_, i) => `reasons_${i + 1}.reason as reason_${i + 1}`);
  const joins = reasons.places.map(
    (_, i) =>
      `left join ${REASONS} as reasons_${i + 1} on scores.reason_place_${i + 1} = reasons_${i + 1}.place`,
  );
  await engine.create(
    CHURN,
    `select ${keyCell} as customer_key, scores.row_place, scores.churn_probability, scores.risk_band,
      case scores.risk_band ${bands.join(" ")} end as risk_band_label, ${columns.join(", ")},
      scores.value_at_risk, to_integer(scores.leaf) as leaf
    from ${SCORES} as scores
    inner join ${STAGED} as staged on scores.row_place = staged.row_place ${joins.join(" ")}`,
  );
}

function scoreTable(study: Study, reasonPlaces: readonly Float64Array[]): Table {
  const { probabilities, valuesAtRisk, leaves, leafNumbers, baseRate } = study;
  return tableOf({
    row_place: Float64Array.from(probabilities.keys(), (row) => row + 1),
    churn_probability: probabilities,
    risk_band: Array.from(probabilities, (probability) => riskBand(probability, baseRate)),
    ...Object.fromEntries(reasonPlaces.map((places, i) => [`reason_place_${i + 1}`, places])),
    value_at_risk: valuesAtRisk,
    leaf: Float64Array.from(leaves, (leaf) => leafNumbers.get(leaf)!),
  });
}
