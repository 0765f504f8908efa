import { CrmError } from "./errors.js";

/** A label of two words, and which of them means leaving. */
export interface Label {
  readonly column: string;
  readonly positive: string;
  readonly negative: string;
  /** What made `positive` the one: told so, known for it, or the rarer of the two. */
  readonly chosenBy: "given" | "word" | "rarer";
  readonly positiveCount: number;
  readonly negativeCount: number;
  /** Rows where the label is blank. */
  readonly blankCount: number;
}

/** A word of the label's column and its rows; null for the blank ones. */
export interface LabelCount {
  readonly word: string | null;
  readonly count: number;
}

/** What the label was asked to be. */
export interface LabelRequest {
  /** The file to speak of. */
  readonly file: string;
  readonly column: string;
  readonly positive: string | undefined;
}

const LEAVING =
  /^(yes|y|true|t|1|1\.0+|churn|churned|left|lost|leaver|gone|exited|cancelled|canceled|是|真|流失|已流失|离开|已离开|流失客户)$/i;
/** The fewest rows with a label, and with either word of it, that anything can be learnt from. */
const [LEAST_ROWS, LEAST_EACH] = [50, 10];

/**
 * Reads a label from how often each of its words comes.
 *
 * @throws CrmError `data` unless there are two words and enough rows of each, `usage` when `positive` is neither
 */
export function chooseLabel(counts: readonly LabelCount[], request: LabelRequest): Label {
  const words = counts
    .filter((count): count is { word: string; count: number } => count.word !== null)
    .toSorted((a, b) => (a.word < b.word ? -1 : 1));
  const where = `${request.file}: label ${request.column}`;
  refuseOtherThanTwo(words, where);
  const { positive, chosenBy } = choosePositive(words, request, where);
  const negative = words.find((word) => word !== positive)!;
  refuseTooFew(positive.count, negative.count, where);
  return {
    column: request.column,
    positive: positive.word,
    negative: negative.word,
    chosenBy,
    positiveCount: positive.count,
    negativeCount: negative.count,
    blankCount: counts.find(({ word }) => word === null)?.count ?? 0,
  };
}

interface Word {
  readonly word: string;
  readonly count: number;
}

/** More words than these are no label's, and may be names of customers. */
const MOST_NAMED = 5;

function refuseOtherThanTwo(words: readonly Word[], where: string): void {
  if (words.length === 2) return;
  const named =
    words.length === 0 || words.length > MOST_NAMED ? "" : ` (${words.map(({ word }) => word).join(", ")})`;
  const what =
    words.length === 0
      ? "no value in any row"
      : `${words.length} different value${words.length === 1 ? "" : "s"}${named}`;
  throw new CrmError("data", `${where}: ${what}, allowed are exactly two`, {
    hint: "a label says of every customer who left whether they did, such as Yes or No; blank where it is not known",
  });
}

function choosePositive(words: readonly Word[], { positive }: LabelRequest, where: string) {
  if (positive !== undefined) {
    const given = words.find(({ word }) => word === positive);
    const [first, second] = words;
    if (given === undefined)
      throw new CrmError(
        "usage",
        `--positive ${positive}: ${where} has no such value, it has ${first!.word} and ${second!.word}`,
      );
    return { positive: given, chosenBy: "given" as const };
  }
  const leaving = words.filter(({ word }) => LEAVING.test(word));
  if (leaving.length === 1) return { positive: leaving[0]!, chosenBy: "word" as const };
  return { positive: words[0]!.count < words[1]!.count ? words[0]! : words[1]!, chosenBy: "rarer" as const };
}

function refuseTooFew(positiveCount: number, negativeCount: number, where: string): void {
  const rowCount = positiveCount + negativeCount;
  if (rowCount >= LEAST_ROWS && Math.min(positiveCount, negativeCount) >= LEAST_EACH) return;
  throw new CrmError(
    "data",
    `${where}: ${rowCount} rows, ${positiveCount} who left and ${negativeCount} who stayed; at least ${LEAST_ROWS} are needed, and ${LEAST_EACH} of each`,
    { hint: "export more customers, or a longer time" },
  );
}
