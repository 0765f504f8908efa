/** One order of a made-up shop, as cells of an export. */
export interface ShopOrder {
  readonly order: string;
  readonly customer: string;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly amount: string;
}

const DAY = 86_400_000;

/**
 * Orders of `customerCount` customers C01, C02, … in 2025, the same on every call: customer n orders
 * n % 4 + 1 times, every 20 + n days, back from a last order on December 31st less 3 n days.
 */
export function shopOrders(customerCount = 40): ShopOrder[] {
  const orders: ShopOrder[] = [];
  for (let n = 1; n <= customerCount; n++) {
    for (let back = 0; back <= n % 4; back++) {
      const day = Date.UTC(2025, 11, 31) - (3 * (n - 1) + back * (20 + n)) * DAY;
      orders.push({
        order: `O${n}-${back}`,
        customer: `C${String(n).padStart(2, "0")}`,
        date: new Date(day).toISOString().slice(0, 10),
        amount: `${(n * 37) % 90}.${(n + back) % 10}5`,
      });
    }
  }
  return orders;
}

/** The last day of `shopOrders`. */
export const LAST_DAY = "2025-12-31";

/** Rows under the headings `customer_id,order_date,amount`, and more lines below them. */
export function ordersCsv(orders: readonly ShopOrder[], ...more: string[]): string {
  const rows = orders.map(({ customer, date, amount }) => `${customer},${date},${amount}`);
  return ["customer_id,order_date,amount", ...rows, ...more, ""].join("\n");
}

/** Text as GB18030; of its two-byte part, which holds all common Chinese. */
export function gb18030(text: string): Buffer {
  const decoder = new TextDecoder("gb18030");
  const codes = new Map<string, number[]>();
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++)
      codes.set(decoder.decode(Uint8Array.of(lead, trail)), [lead, trail]);
  }
  return Buffer.from(
    Array.from(text).flatMap((sign) => (sign < "\u0080" ? sign.charCodeAt(0) : codes.get(sign)!)),
  );
}
