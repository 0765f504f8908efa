/** The SQL types of our columns; each has an `empty_<type>()` in `sql/functions/<engine>.sql`. */
export type ColumnType = "text" | "integer" | "decimal" | "boolean" | "date" | "moment";

/** What every vendor's export of one kind becomes: `staged.<entity>`. */
export interface Entity {
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** A row without one of these is rejected. */
  readonly required: readonly string[];
  /** Columns that change sums: once mapped, a file without their heading is refused. */
  readonly weighing?: readonly string[];
  /** Truth that a cell stands for that cannot be read, where its row is not to be rejected for it. */
  readonly unread?: Readonly<Record<string, boolean>>;
  /** What tells the rows of one source apart; empty where exports have no such thing. */
  readonly key: readonly string[];
  /** When a row happened; rows after the as-of date are counted and never used, but a no among consents. */
  readonly datedBy?: string;
}

const defineEntities = <Name extends string>(entities: Readonly<Record<Name, Entity>>) => entities;

/** The fixed list of entities. `rates` and `owners` are here because money and lists need them. */
export const ENTITIES = defineEntities({
  customers: {
    columns: {
      customer_key: "text",
      customer_name: "text",
      customer_kind: "text",
      email: "text",
      phone: "text",
      tax_id: "text",
      linked_source: "text",
      linked_key: "text",
      city: "text",
      country: "text",
      industry: "text",
      employee_count: "integer",
      owner_key: "text",
      acquisition_source: "text",
      status: "text",
      created_date: "date",
    },
    required: ["customer_key"],
    key: ["customer_key"],
  },
  contacts: {
    columns: {
      contact_key: "text",
      customer_key: "text",
      contact_name: "text",
      email: "text",
      phone: "text",
      city: "text",
      country: "text",
      owner_key: "text",
      acquisition_source: "text",
      status: "text",
      created_date: "date",
    },
    required: ["contact_key"],
    key: ["contact_key"],
  },
  owners: {
    columns: { owner_key: "text", owner_name: "text", email: "text", team: "text", is_active: "boolean" },
    required: ["owner_key"],
    key: ["owner_key"],
  },
  products: {
    columns: {
      product_key: "text",
      product_name: "text",
      category: "text",
      brand: "text",
      unit: "text",
      unit_cost: "decimal",
      unit_price: "decimal",
      is_discontinued: "boolean",
      stock_quantity: "decimal",
    },
    required: ["product_key"],
    key: ["product_key"],
  },
  orders: {
    columns: {
      order_key: "text",
      customer_key: "text",
      order_date: "date",
      order_amount: "decimal",
      order_cost: "decimal",
      discount_amount: "decimal",
      currency: "text",
      channel: "text",
      owner_key: "text",
      status: "text",
      order_kind: "text",
    },
    weighing: ["discount_amount", "currency", "status", "order_kind"],
    required: ["customer_key", "order_date"],
    key: ["order_key"],
    datedBy: "order_date",
  },
  order_lines: {
    columns: {
      order_key: "text",
      line_key: "text",
      customer_key: "text",
      order_date: "date",
      product_key: "text",
      quantity: "decimal",
      unit_price: "decimal",
      line_amount: "decimal",
      line_cost: "decimal",
      currency: "text",
      channel: "text",
      original_order_key: "text",
    },
    weighing: ["currency", "original_order_key"],
    required: ["order_key", "line_amount"],
    key: ["order_key", "line_key"],
    datedBy: "order_date",
  },
  invoices: {
    columns: {
      invoice_key: "text",
      customer_key: "text",
      invoice_number: "text",
      invoice_date: "date",
      due_date: "date",
      invoice_amount: "decimal",
      paid_amount: "decimal",
      paid_date: "date",
      currency: "text",
      status: "text",
      order_key: "text",
      subscription_key: "text",
    },
    weighing: ["currency", "status"],
    required: ["invoice_key", "customer_key", "invoice_date", "invoice_amount"],
    key: ["invoice_key"],
    datedBy: "invoice_date",
  },
  payments: {
    columns: {
      payment_key: "text",
      customer_key: "text",
      invoice_key: "text",
      paid_at: "moment",
      payment_amount: "decimal",
      currency: "text",
      status: "text",
      payment_method: "text",
      payment_kind: "text",
    },
    weighing: ["currency", "status", "payment_kind"],
    required: ["payment_key", "paid_at", "payment_amount"],
    key: ["payment_key"],
    datedBy: "paid_at",
  },
  subscriptions: {
    columns: {
      subscription_key: "text",
      customer_key: "text",
      plan: "text",
      status: "text",
      start_date: "date",
      current_period_end: "date",
      cancelled_at: "date",
      cancellation_reason: "text",
      amount: "decimal",
      interval: "text",
      currency: "text",
    },
    weighing: ["status", "cancelled_at", "currency"],
    required: ["subscription_key", "customer_key", "start_date"],
    key: ["subscription_key"],
    datedBy: "start_date",
  },
  usage: {
    columns: { customer_key: "text", used_at: "moment", usage_kind: "text", usage_quantity: "decimal" },
    required: ["customer_key", "used_at", "usage_quantity"],
    key: [],
    datedBy: "used_at",
  },
  opportunities: {
    columns: {
      opportunity_key: "text",
      opportunity_name: "text",
      customer_key: "text",
      contact_key: "text",
      amount: "decimal",
      currency: "text",
      stage: "text",
      created_date: "date",
      closed_date: "date",
      owner_key: "text",
      acquisition_source: "text",
    },
    required: ["opportunity_key"],
    key: ["opportunity_key"],
    datedBy: "created_date",
  },
  activities: {
    columns: {
      activity_key: "text",
      activity_kind: "text",
      activity_at: "moment",
      customer_key: "text",
      contact_key: "text",
      owner_key: "text",
      direction: "text",
    },
    required: ["activity_key", "activity_at"],
    key: ["activity_key"],
    datedBy: "activity_at",
  },
  cases: {
    columns: {
      case_key: "text",
      case_name: "text",
      customer_key: "text",
      contact_key: "text",
      opened_at: "moment",
      first_response_at: "moment",
      closed_at: "moment",
      category: "text",
      priority: "text",
      is_complaint: "boolean",
    },
    required: ["case_key", "opened_at"],
    key: ["case_key"],
    datedBy: "opened_at",
  },
  surveys: {
    columns: {
      survey_key: "text",
      customer_key: "text",
      contact_key: "text",
      surveyed_at: "moment",
      survey_kind: "text",
      score: "decimal",
    },
    required: ["survey_key", "surveyed_at", "score"],
    key: ["survey_key"],
    datedBy: "surveyed_at",
  },
  campaigns: {
    columns: {
      campaign_key: "text",
      campaign_name: "text",
      customer_key: "text",
      contact_key: "text",
      sent_at: "moment",
      response: "text",
      cost: "decimal",
      currency: "text",
    },
    required: ["campaign_key"],
    key: [],
    datedBy: "sent_at",
  },
  consents: {
    columns: {
      consent_key: "text",
      contact_key: "text",
      customer_key: "text",
      channel: "text",
      is_permitted: "boolean",
      recorded_at: "moment",
      consent_source: "text",
    },
    required: ["channel", "is_permitted", "recorded_at"],
    unread: { is_permitted: false },
    key: ["consent_key"],
    datedBy: "recorded_at",
  },
  rates: {
    columns: { currency: "text", rate_date: "date", rate: "decimal" },
    required: ["currency", "rate_date", "rate"],
    key: ["currency", "rate_date"],
    datedBy: "rate_date",
  },
});

/** Lines of one number and customer that lie further apart are of several orders: the numbers begin again, or are cut short. */
export const ORDER_SPAN_DAYS = 31;

/** One of the entities. */
export type EntityName = keyof typeof ENTITIES;
/** The entities in the order they are staged. */
export const ENTITY_NAMES = Object.keys(ENTITIES) as readonly EntityName[];
