import { codeWords } from "../code-words.js";
import { phrase } from "../phrase.js";
import { column } from "../section-part.js";
import type { ShownTable } from "../section.js";
import { numbers, tableOf, texts as textsOf } from "../table.js";
import { copied, named, type Told } from "./value-contribution-told.js";

const SHOWN_DIFFERENCES = 20;

/** What contacts cost, by kind. */
export async function serviceTable({ context, texts, findings }: Told): Promise<ShownTable> {
  const rows = await context.table("results.value_service");
  const kinds = textsOf(rows, "contact_kind").map((kind) => codeWords(kind ?? "", context.texts));
  return {
    name: "cost-to-serve",
    isDetail: true,
    title: texts.contacts,
    caption: phrase(texts.contactsCaption, { months: findings.config.window_months }),
    rows: rows.assign(tableOf({ contact_kind: kinds })),
    columns: [
      column("contact_kind", texts.contactKind, "text"),
      column("contact_count", texts.contactCount, "integer"),
      column("buyer_contact_count", texts.buyerContacts, "integer"),
      column("contact_cost", texts.price, "money"),
      column("service_amount", texts.cost, "money"),
    ],
  };
}

/** The totals of orders held against those of billing; empty where there is no second system to tie to. */
export async function tieTable({ context, texts }: Told): Promise<ShownTable> {
  const all = await context.table("results.value_ties");
  const hasBilling = textsOf(all, "tie").some((tie) => tie !== "orders" && tie !== "outside_billing");
  const rows = hasBilling ? all : all.slice(0, 0);
  const [here, there] = [numbers(rows, "here_amount"), numbers(rows, "there_amount")];
  const isOneSided = (tie: string | null) => tie === "not_invoiced" || tie === "outside_billing";
  const ties = textsOf(rows, "tie");
  return {
    name: "ties",
    isDetail: true,
    title: texts.ties,
    caption: texts.tiesCaption,
    rows: tableOf({
      tie: ties.map((tie) => texts.tieNames[tie as keyof typeof texts.tieNames]),
      document_count: numbers(rows, "document_count"),
      here_amount: here,
      there_amount: there.map((amount, row) => (isOneSided(ties[row]!) ? NaN : amount)),
      difference_amount: here.map((amount, row) => cents(amount - there[row]!)),
    }),
    columns: [
      column("tie", texts.total, "text"),
      column("document_count", texts.documents, "integer"),
      column("here_amount", texts.here, "money"),
      column("there_amount", texts.there, "money"),
      column("difference_amount", texts.difference, "money"),
    ],
  };
}

const cents = (amount: number) => Math.round(amount * 100) / 100;

/** Orders that billing knows otherwise, or not at all. */
export async function differenceTable({ context, texts }: Told): Promise<ShownTable> {
  const rows = (await context.table("results.value_differences")).slice(0, SHOWN_DIFFERENCES);
  const hasOrder = rows.getChild("has_order")!;
  return {
    name: "differences",
    isDetail: true,
    title: texts.differences,
    caption: texts.differencesCaption,
    rows: tableOf({
      ...named(rows, ["order_key", "customer_key"]),
      ...copied(rows, ["order_amount", "invoiced_amount", "difference_amount"]),
      what: Array.from(hasOrder as Iterable<boolean>, (has) =>
        has ? texts.orderDiffers : texts.orderUnknown,
      ),
    }),
    columns: [
      column("order_key", texts.order, "text"),
      column("customer_key", texts.customerKey, "text"),
      column("what", texts.what, "text"),
      column("order_amount", texts.orderMoney, "money"),
      column("invoiced_amount", texts.invoicedMoney, "money"),
      column("difference_amount", texts.difference, "money"),
    ],
  };
}
