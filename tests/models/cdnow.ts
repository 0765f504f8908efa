import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Spending } from "../../src/models/gamma-gamma.js";
import type { PurchaseHistories, PurchaseHistory } from "../../src/models/purchases.js";

const folder = fileURLToPath(new URL("../../../shared/reference/value/", import.meta.url));
const FILES = { sample: "cdnow_sample.csv", full: "cdnow_master.csv" } as const;

/** Whether the public CDNOW set and the numbers computed on it are here. */
export const HAS_CDNOW = [...Object.values(FILES), "clv_cdnow.json"].every((file) =>
  existsSync(join(folder, file)),
);
/** What to add to a title when they are not. */
export const CDNOW_NOTE = HAS_CDNOW ? "" : " (skipped: ../shared/reference is not here)";

/** What a peer and high-precision maximum likelihood found with one model on one set. */
export interface CdnowModel {
  readonly peer_params: Readonly<Record<string, number>>;
  readonly mle_highprec: Readonly<Record<string, number>>;
  readonly mle_highprec_LL: number;
  readonly holdout: { readonly predicted_total: number; readonly mae: number; readonly rmse: number };
  readonly p_alive_sum: number;
  readonly handful: readonly {
    readonly x: number;
    readonly t_x: number;
    readonly T: number;
    readonly p_alive: number;
    readonly exp_purch_next_39w: number;
    readonly exp_purch_next_52w: number;
  }[];
  /** By weeks since the first order. */
  readonly expected_repeat_new_customer: Readonly<Record<string, number>>;
}

/** What was found with Gamma-Gamma; expected means by history, such as `x=1,m=20`. */
export interface CdnowSpending {
  readonly mle_highprec: Readonly<Record<"p" | "q" | "gamma", number>>;
  readonly mle_highprec_LL: number;
  readonly n: number;
  /** At the peer's own parameters, γ named v. */
  readonly peer_params: Readonly<Record<"p" | "q" | "v", number>>;
  readonly expected_avg_value: Readonly<Record<string, number>>;
}

/** The expected numbers of the amounts of the sample and of the full set; only where `HAS_CDNOW`. */
export function readCdnowSpendingNumbers(): Record<keyof typeof FILES, CdnowSpending> {
  const read = JSON.parse(readFileSync(join(folder, "clv_cdnow.json"), "utf8")) as Record<
    string,
    { readonly gammagamma: CdnowSpending }
  >;
  return { sample: read["sample_2357"]!.gammagamma, full: read["full_23570"]!.gammagamma };
}

/** Repeat order days until `calibrationEnd` (counted in) and their mean amount; only where `HAS_CDNOW`. */
export function readCdnowSpending(set: keyof typeof FILES, calibrationEnd = "1997-09-30"): Spending {
  const end = dayNumber(calibrationEnd);
  const [header, ...lines] = readFileSync(join(folder, FILES[set]), "utf8").trim().split(/\r?\n/);
  const [customer, date, amount] = ["customer_id", "date", "amount"].map((name) =>
    header!.split(",").indexOf(name),
  ) as [number, number, number];
  const spent = new Map<string, Map<number, number>>();
  for (const cells of lines.map((line) => line.split(","))) {
    const own = spent.get(cells[customer]!) ?? new Map<number, number>();
    const day = dayNumber(cells[date]!);
    spent.set(cells[customer]!, own.set(day, (own.get(day) ?? 0) + Number(cells[amount])));
  }
  const repeats = [...spent.values()].map((own) => {
    const first = Math.min(...own.keys());
    return [...own].filter(([day]) => day > first && day <= end).map(([, sum]) => sum);
  });
  const spenders = repeats.filter((amounts) => amounts.some((sum) => sum > 0));
  return {
    orderCounts: Float64Array.from(spenders, (amounts) => amounts.length),
    meanAmounts: Float64Array.from(spenders, (own) => own.reduce((sum, x) => sum + x, 0) / own.length),
    customerCounts: new Float64Array(spenders.length).fill(1),
  };
}

/** The expected numbers of the sample and of the full set; only where `HAS_CDNOW`. */
export function readCdnowNumbers(): Record<keyof typeof FILES, Record<"bgnbd" | "paretonbd", CdnowModel>> {
  const read = JSON.parse(readFileSync(join(folder, "clv_cdnow.json"), "utf8")) as Record<string, never>;
  return { sample: read["sample_2357"]!, full: read["full_23570"]! };
}

/** CDNOW as Fader & Hardie use it: one transaction a customer and day, ages in weeks. */
export interface Cdnow {
  /** To the end of the calibration, alike histories once. */
  readonly histories: PurchaseHistories;
  /** The row of `histories` for each customer. */
  readonly rows: Int32Array;
  /** Order days of each customer after the calibration. */
  readonly holdoutCounts: Float64Array;
}

/** The histories until `calibrationEnd` (a day, counted in) and what came after; only where `HAS_CDNOW`. */
export function readCdnow(set: keyof typeof FILES, calibrationEnd = "1997-09-30"): Cdnow {
  const end = dayNumber(calibrationEnd);
  const customers = [...readOrderDays(FILES[set]).values()].filter(([first]) => first! <= end);
  const counted = customers.map((days) => historyUntil(days, end));
  return {
    ...grouped(counted),
    holdoutCounts: Float64Array.from(customers, (days) => days.filter((day) => day > end).length),
  };
}

/** A row of histories. */
export function historyOf(histories: PurchaseHistories, row: number): PurchaseHistory {
  return {
    repeatCount: histories.repeatCounts[row]!,
    lastAge: histories.lastAges[row]!,
    age: histories.ages[row]!,
  };
}

/** One customer's history and the logarithms of its gaps, summed. */
export interface CountedHistory extends PurchaseHistory {
  readonly logGapSum: number;
}

/** Histories with alike ones counted once, and the row of each. */
export function grouped(counted: readonly CountedHistory[]): {
  histories: PurchaseHistories;
  rows: Int32Array;
} {
  const rowOf = new Map<string, number>();
  const rows = Int32Array.from(counted, ({ repeatCount, lastAge, age }) => {
    const key = `${repeatCount} ${lastAge} ${age}`;
    if (!rowOf.has(key)) rowOf.set(key, rowOf.size);
    return rowOf.get(key)!;
  });
  const column = () => new Float64Array(rowOf.size);
  const histories = {
    repeatCounts: column(),
    lastAges: column(),
    ages: column(),
    customerCounts: column(),
    logGapSums: column(),
  };
  counted.forEach((history, customer) => {
    const row = rows[customer]!;
    histories.repeatCounts[row] = history.repeatCount;
    histories.lastAges[row] = history.lastAge;
    histories.ages[row] = history.age;
    histories.customerCounts[row]! += 1;
    histories.logGapSums[row]! += history.logGapSum;
  });
  return { histories, rows };
}

const dayNumber = (day: string) => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

/** The distinct order days of each customer, in order. */
function readOrderDays(file: string): Map<string, number[]> {
  const [header, ...lines] = readFileSync(join(folder, file), "utf8").trim().split(/\r?\n/);
  const columns = header!.split(",");
  const [customer, date] = [columns.indexOf("customer_id"), columns.indexOf("date")];
  const days = new Map<string, Set<number>>();
  for (const line of lines) {
    const cells = line.split(",");
    const own = days.get(cells[customer]!) ?? new Set();
    days.set(cells[customer]!, own.add(dayNumber(cells[date]!)));
  }
  return new Map([...days].map(([id, own]) => [id, [...own].toSorted((a, b) => a - b)]));
}

function historyUntil(days: readonly number[], end: number): CountedHistory {
  const until = days.filter((day) => day <= end);
  const gaps = until.slice(1).map((day, i) => (day - until[i]!) / 7);
  return {
    repeatCount: gaps.length,
    lastAge: (until.at(-1)! - until[0]!) / 7,
    age: (end - until[0]!) / 7,
    logGapSum: gaps.reduce((sum, gap) => sum + Math.log(gap), 0),
  };
}
