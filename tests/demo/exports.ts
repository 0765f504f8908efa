import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "csv-parse/sync";

const demo = fileURLToPath(new URL("../../fixtures/demo/", import.meta.url));

/** The last day that counts. */
export const AS_OF = "2025-12-31";

/** A row of a CSV file, by heading. */
export type Cells = Readonly<Record<string, string>>;

/** A file of the demo firm, read without the product: GB18030 and a title row for the ERP. */
export function readExport(file: string): Cells[] {
  const isErp = file.startsWith("erp/");
  const text = new TextDecoder(isErp ? "gb18030" : "utf-8").decode(readFileSync(demo + file));
  const rows = parse(text, { columns: true, from_line: isErp ? 2 : 1, relax_column_count: true, bom: true });
  const headings = Object.keys((rows as Cells[])[0]!).length;
  return (rows as Cells[]).filter((row) => Object.keys(row).length === headings);
}

export const readTruth = (file: string) => readExport(`truth/${file}`);

/** What is planted, in sum. */
export interface Totals {
  readonly files: Readonly<Record<string, { readonly rows: number; readonly unreadable: number }>>;
  readonly customers_with_an_order: number;
  readonly prospects: number;
  readonly future_orders: number;
  readonly erp: {
    readonly orders: number;
    readonly returns: number;
    readonly in_cny: Readonly<Record<"gross" | "returns" | "discounts", { readonly exact: string }>>;
  };
  readonly billing: { readonly refunded_as_concessions: Readonly<Record<"CNY" | "USD", string>> };
}

export const totals = JSON.parse(readFileSync(`${demo}truth/totals.json`, "utf8")) as Totals;

/** Decimals as a whole number of millionths; undefined for what is no number. */
export function millionths(text: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?(-?)$/.exec(text);
  if (match === null) return undefined;
  const [, minus, whole, part = "", trailing] = match;
  const size = BigInt(whole + part.padEnd(6, "0"));
  return minus === "-" || trailing === "-" ? -size : size;
}

/** 2024/2/5 as 2024-02-05. */
export function isoDay(text: string): string {
  return text
    .split(/[-/]/)
    .map((part) => part.padStart(2, "0"))
    .join("-");
}

/** The day, in UTC, of seconds since 1970. */
export const dayOfSeconds = (seconds: string) => new Date(Number(seconds) * 1000).toISOString().slice(0, 10);

/** Yuan for a dollar on a day, in ten-thousandths: the last rate on or before it. */
export function dollarRates(): (day: string) => bigint {
  const rates = readExport("erp/rates.csv")
    .filter((row) => row["币别"] === "美元" && /^[\d.]+$/.test(row["汇率"]!))
    .map((row) => ({ from: isoDay(row["日期"]!), rate: BigInt(Math.round(Number(row["汇率"]) * 10_000)) }))
    .toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return (day) => rates.findLast(({ from }) => from <= day)!.rate;
}

/** One document of the ERP with what it is worth in yuan, in millionths, worked out from the files alone. */
export interface Document {
  readonly key: string;
  readonly day: string;
  readonly isReturn: boolean;
  readonly isDollars: boolean;
  readonly gross: bigint;
  readonly discount: bigint;
  /** Money given back for it that settles no return. */
  readonly conceded: bigint;
}

/** Every readable document of the ERP. */
export function documents(): Document[] {
  const dollars = dollarRates();
  const inYuan = (amount: bigint, isDollars: boolean, day: string) =>
    isDollars ? (amount * dollars(day)) / 10_000n : amount;
  const sums = new Map<string, bigint>();
  for (const line of readExport("erp/order_lines.csv")) {
    const amount = millionths(line["金额"]!);
    if (amount === undefined || millionths(line["数量"]!) === undefined) continue;
    sums.set(line["单据编号"]!, (sums.get(line["单据编号"]!) ?? 0n) + amount);
  }
  const conceded = concessions(inYuan);
  return readExport("erp/orders.csv")
    .filter((row) => /^(XS|TH)\d+$/.test(row["单据编号"]!))
    .map((row) => {
      const [key, day, isDollars] = [row["单据编号"]!, isoDay(row["日期"]!), row["币别"] === "美元"];
      return {
        key,
        day,
        isReturn: row["单据类型"] === "退货",
        isDollars,
        gross: inYuan(sums.get(key) ?? 0n, isDollars, day),
        discount: inYuan(millionths(row["折扣额"]!)!, isDollars, day),
        conceded: conceded.get(key) ?? 0n,
      };
    });
}

/** Price concessions by order, in yuan of the day they were paid. */
function concessions(
  inYuan: (amount: bigint, isDollars: boolean, day: string) => bigint,
): Map<string, bigint> {
  const orderOf = new Map(
    readExport("billing/invoices.csv").map((row) => [row["id"]!, row["metadata[order_no]"]!]),
  );
  const settles = new Map(readTruth("refunds.csv").map((row) => [row["refund"]!, row["erp_return"]!]));
  const sums = new Map<string, bigint>();
  for (const { id, invoice, created, amount, currency } of readExport("billing/refunds.csv")) {
    if (settles.get(id!) !== "") continue;
    const yuan = inYuan(BigInt(amount!) * 10_000n, currency === "usd", dayOfSeconds(created!));
    const order = orderOf.get(invoice!)!;
    sums.set(order, (sums.get(order) ?? 0n) + yuan);
  }
  return sums;
}

/** A telephone number by its digits with the country's, China's where none is written. */
export function phoneNumber(text: string): string {
  const digits = text.replace(/\D/g, "");
  if (digits === "") return "";
  if (text.trim().startsWith("+")) return `+${digits}`;
  return digits.startsWith("00") ? `+${digits.slice(2)}` : `+86${digits.replace(/^0+/, "")}`;
}
