/** English texts about what to offer each customer next. */
export const nextBest = {
  answer: {
    model:
      "{count} {count|customer has|customers have} a next best product, with an {worth} of {money}. On the last {days} {days|day|days} such offers brought {gain} more for a hundred customers than the simple way that had done better before ({rival}).",
    popular:
      "{count} {count|customer has|customers have} a next best product, with an {worth} of {money}. What was learnt does not reliably earn more than the best sellers, so those are offered.",
    repeats:
      "{count} {count|customer has|customers have} a next best product, with an {worth} of {money}. What was learnt does not reliably earn more than what each customer has bought most, so that is offered.",
    untried:
      "{count} {count|customer has|customers have} a next best product: what sells best, because history is too short to try anything else.",
    unchosen:
      "{count} {count|customer has|customers have} a next best product: what sells best, because history is too short to choose anything else on one period and try it on another.",
    noCustomers: "No product can be offered to anybody: the data name no customers with a date.",
    soFar:
      "{count} {count|customer has|customers have} a next best product: what most customers have bought so far, because offers can be learnt and tried only on {least} days of history or more.",
    missing: "No offers: the file has no column for {columns}.",
    missingLines: "No offers: lines of items say neither who bought nor when.",
  },
  /** Where nobody knows what a product brings. */
  answerUnpriced: {
    model:
      "{count} {count|customer has|customers have} a next best product. On the last {days} {days|day|days} such offers brought {gain} more purchases for a hundred customers than the simple way that had done better before ({rival}).",
    popular:
      "{count} {count|customer has|customers have} a next best product. What was learnt is not surely bought more often than what sells best, so what sells best is offered.",
    repeats:
      "{count} {count|customer has|customers have} a next best product. What was learnt is not surely bought more often than what customers bought most, so that is offered.",
  },
  /** What money is, with costs and without. */
  worth: { margin: "expected margin", revenue: "expected revenue" },
  /** Headings where no cost is known. */
  revenueColumns: { expected_margin: "Expected revenue", margin: "Revenue for 100 customers" },
  missingColumns: { customer: "the customer (--customer COLUMN)", date: "the day (--date COLUMN)" },
  missingJoint: " and ",
  contenders: { model: "learnt", popular: "what sells best", repeats: "what the customer bought most" },
  grade: "Grade of the offers",
  gradeOfLearnt: "Grade of what was learnt, and is not offered",
  gradeNote: "in money, at five offers, against {rival}",
  gradeNoteUnpriced: "in purchases, at five offers, against {rival}",
  gradeNone: "not tried",
  hits: "Bought one of five",
  hitsNote: "{shipped}: {low} to {high}; {beside}: {other}; tried on {date}",
  customers: "Customers with an offer",
  customersNote: "{worth} of their first offers {money}; {permitted} of it of the {count} who permit contact",
  customersNoteFile: "{worth} of their first offers {money}",
  reasons: {
    after:
      "bought {first} on {date}; {share} of such customers take {product} within {days} {days|day|days}, {lift} times the average",
    rule: "bought {all}; {share} of such customers take {product} within {days} {days|day|days}, {lift} times the average",
    again:
      "bought {count} {count|time|times}, last on {date}; half of all repeat purchases of it come within {gap} {gap|day|days}; {share} of such customers buy it again within {days} {days|day|days}",
    once: "bought it on {date}; {share} of such customers buy it again within {days} {days|day|days}",
    popular:
      "{share} of the customers who buy as often and had bought neither it nor what leads to it take it within {days} {days|day|days}",
    others:
      "{share} of the customers who buy as often and had not bought it take it within {days} {days|day|days}",
    anybody: "{share} of the customers who buy as often take it within {days} {days|day|days}",
    soFar: "{share} of all customers have bought it so far",
  },
  growth: {
    upSell: "has {product}; {moved} of its {count} {count|buyer|buyers} moved up to {next}",
    crossUnit:
      "{share} of customers who buy most in the {kind} {main} buy in {other} as well; this one spends less than a quarter of what is usual there",
    crossUnitNone:
      "{share} of customers who buy most in the {kind} {main} buy in {other} as well; this one bought nothing there for 12 months",
  },
  pairJoint: " and ",
  kinds: { after: "goes with", rule: "goes with several", again: "due again", popular: "sells best" },
  action: "Offer the product; if refused, the next one",
  list: "What to offer whom",
  listCaption:
    "The first offer of each customer, most {worth} first. The full list, with permitted addresses: crm-analyze list next-best.",
  listCaptionFile: "The first offer of each customer, most {worth} first. The full list: next-best.csv.",
  listCaptionUnpriced: "The first offer of each customer, most likely first. The full list: next-best.csv.",
  trial: "Tried on the last {days} {days|day|days}",
  trialCaption:
    "What was known on {date} chose the offers; what customers bought within the {days} {days|day|days} behind it judged them. All three rank by money, what was bought most by how often it was bought. Intervals of 95%.",
  trialCaptionUnpriced:
    "What was known on {date} chose the offers; what customers bought within the {days} {days|day|days} behind it judged them. All three rank by probability, what was bought most by how often it was bought. Intervals of 95%.",
  purchases: "Purchases for 100 customers",
  curve: "Customers who bought one of their offers",
  curveCaption: "Tried on {date}, {days} {days|day|days} ahead.",
  rhythms: "Products bought again",
  rhythmsCaption:
    "Days between two purchases of the product by one customer: a quarter of the gaps are shorter, half, three quarters.",
  upSell: "Moving up",
  upSellCaption:
    "Customers whose dearest product in a category many buyers moved up from. The full list: crm-analyze list up-sell.",
  crossUnit: "Small here, large there",
  crossUnitCaption:
    "Customers who spend less than a quarter of what is usual among those with the same main {unit}. The full list: crm-analyze list cross-unit.",
  units: { category: "category", brand: "brand" },
  columns: {
    call_rank: "Call rank",
    customer_id: "Customer id",
    customer_key: "Customer key",
    customer_name: "Customer",
    masked_name: "Customer",
    offer_rank: "Rank",
    product_key: "Product key",
    product_name: "Product",
    category: "Category",
    kind: "Kind",
    kind_label: "Kind",
    probability: "Probability",
    expected_margin: "Expected margin",
    reason: "Reason",
    product_2: "Second offer",
    product_3: "Third offer",
    suggested_action: "Suggested action",
    owner_name: "Owner",
    permitted_channels: "Permitted channels",
    email_contact: "E-mail contact",
    email_address: "E-mail",
    phone_contact: "Phone contact",
    phone_number: "Phone",
    sms_contact: "SMS contact",
    sms_number: "SMS",
    mail_contact: "Mail contact",
    mail_city: "City",
    contender: "Way of choosing",
    offer_count: "Offers",
    hit_rate: "Bought one",
    hit_low: "from",
    hit_high: "to",
    margin: "Margin for 100 customers",
    margin_low: "from",
    margin_high: "to",
    expected_count: "Purchases predicted",
    came_count: "Actual purchases",
    buyer_count: "Buyers",
    rebuyer_count: "Bought again",
    rebuyer_share: "Share",
    gap_count: "Gaps",
    low_gap_days: "Quarter",
    median_gap_days: "Half",
    high_gap_days: "Three quarters",
    up_sell_rank: "Rank",
    next_name: "Move up to",
    unit_price: "Price",
    next_unit_price: "Price there",
    moved_count: "Moved up",
    moved_share: "Share that moved",
    cross_unit_rank: "Rank",
    main_unit: "Main unit",
    main_amount: "Spent there, 12 months",
    unit: "Small in",
    unit_amount: "Spent, 12 months",
    expected_amount: "Usual",
    missing_amount: "Missing",
    peer_share: "Peers who buy there",
  },
  notes: {
    probability:
      "A probability is the share of customers in the same place who bought within {days} {days|day|days}, drawn to the average where few are known. It is not what an offer adds: some would buy anyway.",
    exclusions:
      "Not offered: what the customer gave back, what is discontinued, out of stock, left out by the settings or bought on nearly all days, and what nobody bought for a year. Refusals are in no export.",
    without:
      "Of {of} customers {count} {count|has|have} no offer: for them nothing that may be offered in this way ({way}) is as likely as {least} within {days} {days|day|days}.",
    unpriced: "No amounts in the file: offers are ranked by probability and graded by purchases.",
    revenue: "No costs are known, so that money is revenue.",
    meanRate:
      "Products of unknown cost: {count}. Their expected margin is revenue times the mean margin rate of the others, {rate}.",
    choice:
      "What is offered was chosen by the {days} {days|day|days} after {date}: {chosen}. The figures are of the {days} {days|day|days} after those, by which nothing was chosen.",
    overruled:
      "In the {days} {days|day|days} after {date} what was learnt surely brought more than {rival}; in the {days} {days|day|days} after those it did not, so {rival} is offered.",
    unchosen:
      "History is too short to choose on an earlier period than the one that is reported: by default what sells best is offered, and what was learnt is held against it.",
    asPredicted:
      "At five offers, {expected} purchases were predicted for the {days} days after {date}, and {came} were made: no further off than chance would bring.",
    fewer:
      "At five offers, {expected} purchases were predicted for the {days} days after {date}, and {came} were made, {gap} fewer: take probabilities and what they are multiplied with for that much too high.",
    more: "At five offers, {expected} purchases were predicted for the {days} days after {date}, and {came} were made, {gap} more: take probabilities and what they are multiplied with for that much too low.",
    sample:
      "Of {count} customers {share}, drawn by hash, were learnt from and tried on; {tried} of these had bought by {date}, and all counts of the trial are of them.",
  },
};
