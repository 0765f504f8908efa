import { CrmError } from "./errors.js";

/** A label of two words, and which of them means leaving. */
export interface Label {
  readonly column: string;
  readonly positive: string;
  readonly negative: string;
  /** What made `positive` the one: told so, known for it, a heading that speaks of staying, or the rarer of the two. */
  readonly chosenBy: "given" | "word" | "heading" | "rarer";
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

const YES = /^(yes|y|true|t|1|1\.0+|是|真)$/i;
const LEAVING =
  /^(churn|churned|left|lost|leaver|gone|exited|cancelled|canceled|inactive|流失|已流失|离开|已离开|流失客户|不活跃|未续约|未续费)$/i;
const STAYING = /^(stay|stayed|retained|renewed|active|留存|已留存|在网|活跃|续约|已续约|已续费)$/i;

/** Words of a heading, from their beginning, and Chinese anywhere in it. */
const [STAYING_HEADING, LEAVING_HEADING, NEGATION] = [
  /\b(retain|retention|stay|renew|active|remain|loyal)|留存|留下|留住|续约|续费|续订|续保|在网|在册|活跃|保留/,
  /\b(churn|left|leav|lost|loss|exit|attrit|cancel|gone|quit|lapse|terminat|inactive|deactivat)|流失|离开|离网|退订|退网|注销|取消|解约|销户|流走/,
  /\b(not|non|no|un|didn|isn|never)\b|[未不非没]/,
];
/** Where Yes is in more rows than this share, and the heading speaks of neither, it is as likely to mean staying. */
const MOSTLY = 0.75;
/** The fewest rows with a label, and with either word of it, that anything can be learnt from. */
const [LEAST_ROWS, LEAST_EACH] = [50, 10];

/**
 * Reads a label from how often each of its words comes.
 *
 * @throws CrmError `data` unless there are two words and enough rows of each, `usage` when `positive` is neither or has to be told
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

function choosePositive(words: readonly Word[], { positive, column }: LabelRequest, where: string) {
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
  const [leaving, staying, yes] = [LEAVING, STAYING, YES].map((known) => only(words, known));
  const other = (word: Word) => words.find((own) => own !== word)!;
  if (leaving !== undefined) return { positive: leaving, chosenBy: "word" as const };
  if (staying !== undefined) return { positive: other(staying), chosenBy: "word" as const };
  if (yes === undefined)
    return { positive: words.toSorted((a, b) => a.count - b.count)[0]!, chosenBy: "rarer" as const };
  const meaning = meaningOf(column);
  if (meaning === "staying") return { positive: other(yes), chosenBy: "heading" as const };
  if (meaning === undefined) refuseMostly(yes, other(yes), where);
  return { positive: yes, chosenBy: "word" as const };
}

/** The word that is known, if only one of them is. */
function only(words: readonly Word[], known: RegExp): Word | undefined {
  const found = words.filter(({ word }) => known.test(word));
  return found.length === 1 ? found[0] : undefined;
}

/** What Yes means under a heading, where that speaks of one of them: `Retained`, `is_active`, `未续约`. */
function meaningOf(heading: string): "staying" | "leaving" | undefined {
  const words = heading
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .toLowerCase();
  const [isStaying, isLeaving] = [STAYING_HEADING.test(words), LEAVING_HEADING.test(words)];
  if (isStaying === isLeaving) return undefined;
  return isStaying !== NEGATION.test(words) ? "staying" : "leaving";
}

function refuseMostly(yes: Word, no: Word, where: string): void {
  const rowCount = yes.count + no.count;
  if (yes.count <= MOSTLY * rowCount) return;
  throw new CrmError(
    "usage",
    `${where}: ${yes.word} in ${yes.count} of ${rowCount} rows, and the heading does not say whether that is leaving or staying`,
    { hint: `say which one means leaving: --positive ${yes.word} or --positive ${no.word}` },
  );
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
