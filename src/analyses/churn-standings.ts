import type { AnalysisContext } from "../analysis.js";
import { eachMeasure, levelsOf, MEASURE_COLUMNS, MEASURES } from "../models/rfm-scores.js";
import { numbers, texts } from "../table.js";
import { namedCombinations, readVocabulary, type Vocabulary } from "../vocabulary.js";

type StandingsContext = AnalysisContext<"features.churn_standings">;

/** Where a customer stood on the day of the test, in the words of the run's language. */
export interface Standing {
  /** Of `value`: A to D. */
  readonly tier: string;
  /** Of `rfm`; null for a customer who has never ordered. */
  readonly segment: string | null;
}

/** Tier and segment of every customer of the test, as known on its day; none where there was no test. */
export async function readStandings(context: StandingsContext): Promise<ReadonlyMap<number, Standing>> {
  const rows = await context.table("features.churn_standings");
  const [customers, tiers] = [numbers(rows, "customer_id"), texts(rows, "tier")];
  const name = texts(rows, "vocabulary")[0];
  if (typeof name !== "string") return new Map();
  const vocabulary = readVocabulary(name, context.run.directory);
  const columns = eachMeasure((measure) => numbers(rows, MEASURE_COLUMNS[measure]));
  const levels = eachMeasure((measure) => levelsOf(measure, columns[measure], vocabulary));
  const labels = labelsOf(vocabulary, context.run.language);
  return new Map(
    Array.from(customers, (customer, row) => [
      customer,
      {
        tier: tiers[row]!,
        segment: labels.get(MEASURES.map((measure) => levels[measure][row]).join("-")) ?? null,
      },
    ]),
  );
}

/** What each combination of levels is called. */
function labelsOf(vocabulary: Vocabulary, language: StandingsContext["run"]["language"]) {
  return new Map(
    namedCombinations(vocabulary).map(({ segment, ...levels }) => [
      MEASURES.map((measure) => levels[measure]).join("-"),
      vocabulary.segments[segment]!.label[language],
    ]),
  );
}
