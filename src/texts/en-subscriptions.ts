/** English texts about subscriptions: recurring revenue, retention and what running contracts are worth. */
export const subscriptions = {
  answer:
    "{customers} {customers|customer brings|customers bring} {monthly} a month by subscription; what runs now is worth {value} over the next {days} {days|day|days}.",
  answerNothing: "No subscription brings money any more.",
  monthly: "Recurring revenue a month",
  monthlyNote: "on {date}; {before} a year before",
  monthlyNoteNew: "on {date}",
  customers: "Customers with a subscription",
  value: "Worth of running subscriptions",
  valueNote: "over {days} {days|day|days}; expected between {low} and {high}",
  leaking: "Never or no longer invoiced",
  leakingNote: "subscriptions: {count}; their price for the time that no invoice covers",

  bridge: "Recurring revenue, month by month",
  bridgeCaption:
    "Money by the month at the end of each month: opening + new + expansion + reactivated − contraction − churned = closing.",
  month: "Month",
  opening: "Opening",
  newAmount: "New",
  expansion: "Expansion",
  reactivated: "Reactivated",
  contraction: "Contraction",
  churned: "Churned",
  closing: "Closing",
  bridgeCustomers: "Customers with recurring revenue, month by month",
  bridgeCustomersCaption: "Opening + new + reactivated − churned = closing.",

  billing: "Recurring revenue and billing",
  billingCaption:
    "Closing = invoiced by the month + difference of price + not invoiced + not to be told. The last column is the sum of the month's documents, whatever time they are for.",
  billed: "Invoiced by the month",
  priceDifference: "Difference of price",
  unbilled: "Not invoiced",
  unlinked: "Not to be told",
  invoiced: "Documents of the month",

  survival: "How long subscriptions last, by plan",
  survivalCohort: "How long subscriptions last, by start",
  survivalCaption:
    "Kaplan–Meier: subscriptions that still run count for as long as they have been seen. The interval is 95%. Empty where nobody has been seen for that long.",
  survivalChart: "Share of subscriptions that last longer, by the month; the plans with most subscriptions.",
  months: "Months",
  left: "Still running",
  plan: "Plan",
  noPlan: "(no plan)",
  allPlans: "All plans",
  started: "Started",
  subscriptionCount: "Subscriptions",
  endedCount: "Ended",
  median: "Median life, months",
  survival12: "Still running after 12 months",
  survivalLow: "From",
  survivalHigh: "To",

  retention: "What the expectation rests on",
  retentionCaption:
    "Renewals seen, and the model that gives the chance of the next one: alpha and beta where contracts differ, c above 1 where losses rise with age. The largest gap is between the model and Kaplan–Meier at any renewal.",
  interval: "Months between renewals",
  renewals: "Renewals",
  lost: "Not renewed",
  model: "Model",
  rungs: {
    "shifted-beta-geometric": "shifted-beta-geometric",
    "discrete-weibull": "losses rise with age",
    geometric: "same chance for all",
    prior: "no renewal seen, or none or all lost: half a loss added",
  },
  pooled: "{model}, all plans of this interval",
  alpha: "alpha",
  beta: "beta",
  shape: "Rise with age (c)",
  firstChurn: "Lost at the first renewal",
  model12: "Still running after 12 months (model)",
  gap: "Largest gap",

  leaks: "Subscriptions without an invoice",
  leaksCaption: "Most money first: their price for the time that no invoice covers.",
  leaksRest:
    "Most money first: the first {shown} of {count}; their price for the time that no invoice covers.",
  subscription: "Subscription",
  startDate: "Start",
  lastInvoice: "Last invoice",
  monthlyAmount: "Price a month",
  missing: "Missing",
  leak: "What is wrong",
  neverBilled: "never invoiced",
  billingStopped: "no longer invoiced",

  noteMonthly:
    "Recurring revenue is the price by the month of what runs on the last day of the month, in the currency rates of {date}. A subscription ends on the day it was cancelled.",
  noteValue:
    "Worth is monthly margin × expected months, discounted at {rate} a year, within {days} {days|day|days}. Its interval is the 95% interval of the expectation (delta method on the retention's parameters), not the range of what one customer may do.",
  noteMargin: "The margin is {margin} of the price, as set.",
  noteNoMargin: "No margin is set: the whole price counts as margin, so the worth is revenue.",
  noteDoubtful:
    "{plans}: the model of retention leaves the 95% interval of what was seen, by up to {gap}; do not rely on the worth there.",
  notCounted: "Subscriptions that count nowhere: {count} ({reasons}).",
  reasons: {
    backwards: "cancelled before they began: {count}",
    endless: "cancelled, nobody says when: {count}",
    unpriced: "without a price: {count}",
    uneven: "for no known interval: {count}",
    trial: "on trial: {count}",
  },
  joint: ", ",
  overlapping: "Subscriptions that overlap another of the same customer and plan, all counted: {count}.",
  replaced:
    "Subscriptions replaced within a week by another of the same customer, who stayed, so that they are no loss: {count}.",
  withinMonth:
    "Subscriptions that began and ended within one month and are in no month's recurring revenue: {count}.",
  foreignInvoices: "Invoices that name a subscription no export knows: {count} ({amount}).",
  unlinkedNote:
    "Subscriptions whose source never says what an invoice is for, so that nothing can be said of their billing: {count}.",
  partialMonth: "The last month goes to {date} only.",
  fewPlans: "The {shown} plans with most subscriptions are shown, of {count}.",
};
