import { phrase } from "../phrase.js";
import { numbers, texts as textsOf } from "../table.js";
import { shown, type Told } from "./value-contribution-told.js";

/** What a reader must know beside the tables: what money rests on, and what was left out. */
export async function notes(told: Told): Promise<string[]> {
  const { texts, findings } = told;
  return [
    ...costNotes(told),
    ...serviceNotes(told),
    ...lateNotes(told),
    ...counted(told, [texts.noteLosing, texts.noteLosingOne], {
      count: findings.losingCount,
      amount: -findings.lostAmount,
    }),
    ...counted(told, [texts.noteDifferences, texts.noteDifferencesOne], {
      count: findings.differenceCount,
      amount: findings.differenceAmount,
    }),
    ...counted(told, [texts.noteUnknownOrders, texts.noteUnknownOrdersOne], {
      count: findings.unknownOrderCount,
      amount: findings.unknownOrderAmount,
    }),
    ...(await unattachedNote(told)),
    ...(findings.hasBefore ? [] : [texts.noteNoBefore]),
  ];
}

/** A sentence about several or about one, with their money; nothing about none. */
function counted(
  told: Told,
  [several, one]: readonly [string, string],
  { count, amount }: { readonly count: number; readonly amount: number },
): string[] {
  if (count === 0) return [];
  return [
    phrase(count === 1 ? one : several, {
      count: shown(told, count, "integer"),
      amount: shown(told, amount, "money"),
    }),
  ];
}

function serviceNotes(told: Told): string[] {
  const { texts, findings } = told;
  const { unpricedKinds, unusedKinds, prospectContactCount } = findings;
  if (Object.keys(findings.config.cost_to_serve).length === 0) return [texts.noteNoService];
  const listed = (note: string, kinds: readonly string[]) =>
    kinds.length === 0 ? [] : [phrase(note, { kinds: kinds.join(texts.joint) })];
  return [
    ...listed(texts.noteUnpriced, unpricedKinds),
    ...listed(texts.noteUnused, unusedKinds),
    ...counted(told, [texts.noteProspects, texts.noteProspectsOne], {
      count: prospectContactCount,
      amount: NaN,
    }),
  ];
}

function lateNotes(told: Told): string[] {
  const { texts, findings } = told;
  if (findings.config.late_payment_rate === undefined) return [texts.noteNoLate];
  return counted(told, [texts.noteUndated, texts.noteUndatedOne], {
    count: findings.undatedCount,
    amount: NaN,
  });
}

function costNotes(told: Told): string[] {
  const { texts, findings } = told;
  if (findings.basis === "nothing") return [];
  if (findings.basis === "known") return [texts.noteKnown];
  if (findings.basis === "revenue") return [texts.noteRevenue];
  return [
    phrase(texts.noteEstimated, {
      share: shown(told, findings.totals.costKnownShare, "percent"),
      rate: shown(told, findings.knownCostRate, "percent"),
    }),
  ];
}

async function unattachedNote(told: Told): Promise<string[]> {
  const { texts } = told;
  const rows = await told.context.table("results.value_ties");
  const row = textsOf(rows, "tie").indexOf("other_invoices");
  if (row < 0) return [];
  return counted(told, [texts.noteUnattached, texts.noteUnattachedOne], {
    count: numbers(rows, "document_count")[row]!,
    amount: numbers(rows, "there_amount")[row]!,
  });
}
