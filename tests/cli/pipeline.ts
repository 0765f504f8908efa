import type { TemporaryFolder } from "./process.js";

/** People whose names, e-mails and phones must never be logged. */
export const PEOPLE = Array.from({ length: 40 }, (_, i) => {
  const number = String(i + 1).padStart(2, "0");
  return {
    key: `K${number}`,
    name: `Zebediah Quux${number}`,
    email: `quux${number}@secret.example`,
    phone: `+4915550001${number}`,
  };
});

const MAPPINGS = {
  "crm.yml": `source: crm
files:
  customers:
    file: customers.csv
    entity: customers
    columns: { customer_key: Id, customer_name: Name, email: Email, phone: Phone }
`,
  "erp.yml": `source: erp
files:
  orders:
    file: orders*.csv
    entity: orders
    delimiter: ";"
    columns:
      order_key: Number
      customer_key: Client
      order_date: { column: Date, type: date_dmy }
      order_amount: { column: Total, type: decimal_comma }
  clients:
    file: clients.csv
    entity: customers
    delimiter: ";"
    columns: { customer_key: Client, linked_source: { constant: crm }, linked_key: Crm }
`,
  "billing.yml": `source: billing
files:
  invoices:
    file: invoices.csv
    entity: invoices
    columns:
      invoice_key: id
      customer_key: customer
      invoice_date: date
      invoice_amount: { column: cents, type: minor_units }
      order_key: order
  payers:
    file: payers.csv
    entity: customers
    columns: { customer_key: customer, email: email }
`,
} as const;

/** The pipeline of the shop, and its settings as one would change them. */
export const PIPELINE = `name: shop
as_of_date: 2025-06-30
currency: EUR
output: out
sources:
  - { mapping: mappings/crm.yml, folder: crm }
  - { mapping: mappings/erp.yml, folder: erp }
  - { mapping: mappings/billing.yml, folder: billing }
analyses:
  rfm: {}
`;

/** One order in the ERP, and its invoice in the billing system. */
export interface ErpOrder {
  readonly number: string;
  readonly person: number;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly cents: number;
}

/** Orders up to a day; person n orders every 8 + 2 n days. The last two of the forty never do. */
export function erpOrders(until: string): ErpOrder[] {
  const orders: ErpOrder[] = [];
  for (let person = 0; person < PEOPLE.length - 2; person++) {
    for (
      let day = Date.UTC(2024, 5, 1 + person);
      day <= Date.parse(until);
      day += (8 + 2 * person) * 86_400_000
    ) {
      const date = new Date(day).toISOString().slice(0, 10);
      orders.push({
        number: `N${person}-${date}`,
        person,
        date,
        cents: 1000 + ((person * 7919 + day / 86_400_000) % 9000),
      });
    }
  }
  return orders;
}

/** Writes the exports of the three systems, as they stand on a day, into `crm`, `erp` and `billing`. */
export function writeExports(folder: TemporaryFolder, orders: readonly ErpOrder[]): void {
  const euros = (cents: number) => (cents / 100).toFixed(2).replace(".", ",");
  const lines = (heading: string, rows: readonly string[]) => [heading, ...rows, ""].join("\n");
  folder.write(
    "crm/customers.csv",
    lines(
      "Id,Name,Email,Phone",
      PEOPLE.map(({ key, name, email, phone }) => [key, name, email, phone].join(",")),
    ),
  );
  folder.write(
    "erp/clients.csv",
    lines(
      "Client;Crm",
      PEOPLE.map(({ key }, i) => `${900 - i};${key}`),
    ),
  );
  folder.write(
    "erp/orders.csv",
    lines(
      "Number;Client;Date;Total",
      orders.map(
        ({ number, person, date, cents }) =>
          `${number};${900 - person};${date.split("-").toReversed().join(".")};${euros(cents)}`,
      ),
    ),
  );
  folder.write(
    "billing/payers.csv",
    lines(
      "customer,email",
      PEOPLE.map(({ email }, i) => `cus_${i},${email.toUpperCase()}`),
    ),
  );
  folder.write(
    "billing/invoices.csv",
    lines(
      "id,customer,date,cents,order",
      orders.map(({ number, person, date, cents }, i) => `in_${i},cus_${person},${date},${cents},${number}`),
    ),
  );
}

/** Writes the pipeline, its mappings and the exports up to a day. */
export function writePipeline(folder: TemporaryFolder, until = "2025-06-30"): void {
  folder.write("shop.yml", PIPELINE);
  for (const [name, text] of Object.entries(MAPPINGS)) folder.write(`mappings/${name}`, text);
  writeExports(folder, erpOrders(until));
}
