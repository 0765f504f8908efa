import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "./engines/engine.js";
import type { LoadedFile } from "./labelled-file.js";
import { reasonsOf } from "./labelled-reasons.js";
import { studyColumns, type ToldStudy } from "./labelled-section.js";
import type { Study } from "./labelled-study.js";
import { nameAt, STAGED } from "./labelled-table.js";
import { RISK_BANDS, riskBand } from "./models/risk-bands.js";
import { packageVersion } from "./package.js";
import type { RelationName } from "./relation.js";
import type { FileCount, Report } from "./report.js";
import { quoteText } from "./sql.js";
import { writeTable } from "./steps/publish.js";
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
  const { told, loaded, report } = publication;
  await mkdir(folder, { recursive: true });
  await buildScores(engine, told, loaded);
  const columns = studyColumns(told.texts);
  const order = "churn_probability desc, customer_key, row_place";
  await writeTable(engine, { name: "churn", relation: CHURN, columns, order }, folder);
  for (const { documents = [], models = [], analysis } of report.sections) {
    for (const { name, text } of documents) await writeFile(join(folder, name), text);
    await writeJson(
      join(folder, "models.json"),
      models.map((card) => ({ analysis, ...card })),
    );
  }
  const { renderReport } = await import("./outputs/html.js");
  await writeFile(join(folder, "report.html"), renderReport(report));
  await writeJson(join(folder, "run.json"), recordOf(publication));
}

const writeJson = (path: string, value: unknown) => writeFile(path, `${JSON.stringify(value, null, 2)}\n`);

/** What the result depends on, and what was done, without customers' data. */
function recordOf({ told, loaded, report, exitCode }: StudyPublication) {
  const { table, settings } = told.study;
  const { label, key, fold, value } = table;
  return {
    name: report.title,
    version: packageVersion(),
    node: process.version,
    settings: {
      language: report.language,
      label: label.column,
      positive: label.positive,
      key,
      fold,
      value,
      ...settings,
    },
    inputs: report.files.map((file) => inputRecord(file, loaded)),
    warnings: report.warnings,
    exit_code: exitCode,
  };
}

const inputRecord = (
  { rowsIn, rowsStaged, rowsSkipped, rowsRejected }: FileCount,
  { input }: LoadedFile,
) => ({
  file: input.file,
  sha256: input.scan.sha256,
  byte_count: input.scan.byteCount,
  rows_in: rowsIn,
  rows_staged: rowsStaged,
  rows_skipped: rowsSkipped,
  rows_rejected: rowsRejected,
});

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
