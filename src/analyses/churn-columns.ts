import type { PublishedTable } from "../analysis.js";
import type { Format, ShownColumn } from "../section.js";
import { codeWords } from "../code-words.js";
import { tableOf, type Table } from "../table.js";
import type { Texts } from "../texts/index.js";

const FORMATS: Readonly<Record<string, Format>> = {
  customer_id: "integer",
  churn_probability: "likelihood",
  previous_probability: "likelihood",
  probability_change: "percent",
  window_days: "integer",
  contribution_amount: "money",
  last_contribution_amount: "money",
  value_at_risk: "money",
  expected_saving: "money",
  leaf: "integer",
  call_rank: "integer",
  win_back_rank: "integer",
  alert_rank: "integer",
  evidence_count: "integer",
  recency_days: "integer",
  size: "decimal",
  usual: "decimal",
  last_life_date: "date",
  gone_date: "date",
  lost_date: "date",
  certain_date: "date",
  evidence_date: "date",
  first_seen_date: "date",
};

/** Columns of `churn.csv` that hold words of a closed set, which people read in their own language. */
const LABELLED: readonly string[] = ["customer_kind", "state", "risk_band"];

type ColumnName = keyof Texts["churn"]["forecast"]["columns"];

/** Columns of churn's relations, with their headings. */
export function columnsNamed(texts: Texts, names: readonly ColumnName[]): ShownColumn[] {
  return names.map((name) => ({
    name,
    title: texts.churn.forecast.columns[name],
    format: FORMATS[name] ?? "text",
  }));
}

const PERMITTED = [
  "owner_name",
  "permitted_channels",
  "email_contact",
  "email_address",
  "phone_contact",
  "phone_number",
  "sms_contact",
  "sms_number",
  "mail_contact",
  "mail_city",
] as const;

const REASONS = ["reason_1", "reason_2", "reason_3"] as const;

/** The columns of `churn.csv`. */
export function churnColumns(texts: Texts): readonly ShownColumn[] {
  return columnsNamed(texts, [
    "customer_id",
    "customer_key",
    "customer_name",
    "customer_kind",
    "state",
    "churn_probability",
    "window_days",
    "risk_band",
    ...REASONS,
    "contribution_amount",
    "value_at_risk",
    "leaf",
    "previous_probability",
    "probability_change",
    "change_reason",
    "previous_reason_1",
    "last_life_date",
    "gone_date",
    "call_rank",
  ]).map((shown) => (LABELLED.includes(shown.name) ? { ...shown, labelName: `${shown.name}_label` } : shown));
}

/** The lists that people act on: who may leave, who is gone and worth winning back, who breaks their own habit. */
export function churnLists(texts: Texts): readonly PublishedTable[] {
  const list = (name: string, relation: PublishedTable["relation"], columns: readonly ColumnName[]) => ({
    name,
    relation,
    columns: columnsNamed(texts, columns),
  });
  return [
    list("churn-risk", "results.churn_risk", RISK_COLUMNS),
    list("win-back", "results.win_back", WIN_BACK_COLUMNS),
    list("alerts", "results.alerts", ALERT_COLUMNS),
  ];
}

const CUSTOMER = ["customer_id", "customer_key", "customer_name"] as const;

const RISK_COLUMNS = [
  "call_rank",
  ...CUSTOMER,
  "churn_probability",
  "risk_band",
  ...REASONS,
  "contribution_amount",
  "value_at_risk",
  "expected_saving",
  "probability_change",
  "change_reason",
  "previous_reason_1",
  "suggested_action",
  ...PERMITTED,
] as const;

const WIN_BACK_COLUMNS = [
  "win_back_rank",
  ...CUSTOMER,
  "last_contribution_amount",
  "churn_type",
  "evidence",
  "evidence_count",
  "evidence_date",
  "lost_date",
  "suggested_action",
  ...PERMITTED,
] as const;

const ALERT_COLUMNS = [
  "alert_rank",
  ...CUSTOMER,
  "alert_kind",
  "size",
  "usual",
  "first_seen_date",
  "contribution_amount",
  "suggested_action",
  "owner_name",
  "permitted_channels",
] as const;

/** The words of closed sets, as the language of the run says them: `results.churn_labels`. */
export function labelRows({ churn, codes }: Texts): Table {
  const { states, bands, alertNames, typeNames, evidenceNames, causeLabels } = churn.forecast;
  const sets = {
    customer_kind: { person: codeWords("person", { codes }), company: codeWords("company", { codes }) },
    state: states,
    risk_band: bands,
    alert_kind: alertNames,
    churn_type: typeNames,
    evidence: evidenceNames,
    change_cause: causeLabels,
  };
  const rows = Object.entries(sets).flatMap(([column, words]) =>
    Object.entries(words).map(([word, label]) => ({ column, word, label })),
  );
  return tableOf({
    column_name: rows.map(({ column }) => column),
    word: rows.map(({ word }) => word),
    label: rows.map(({ label }) => label),
  });
}
