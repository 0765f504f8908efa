/** Warnings of a run and of a table by code, as logs and `run.json` have them. */
export const warnings = {
  no_file: "{path}: no such file; going on without it",
  no_column: '{where}: no column "{heading}", so {column} stays empty',
  mark_doubtful:
    '{path}: the cells of "{heading}" look like {other}, and the mapping says {type}: are its amounts right?',
  unit_large:
    '{file}: "{heading}" names a unit of thousands or more; amounts are taken as they stand, so all money is in that unit and not in ones',
  same_bytes: "{path}: the same bytes as {earlier}; not counted twice ({count} {count|row|rows})",
  rows_after_date:
    "{entity}: {count} {count|row|rows} dated after {date} {count|stands|stand} among the rows used, but {count|counts|count} for nothing, as does what belongs to {count|it|them}",
  doubtful_date:
    "as of {date}, the latest order, though the one before is of {before}: is that date right? set --as-of",
  kinds_left_out:
    "{file}: {count} {count|row is|rows are} left out by {column}: {words}; --all-rows counts {count|it|them}",
  guests_left_out:
    "{file}: {count} {count|row names|rows name} no customer in {column} and {count|is|are} left out, with {count|its|their} money",
  guests_mostly:
    "{file}: {count} of {all} rows name no customer in {column} and are left out, with their money; where a customer stands on the first row of a group alone, fill the cells down first",
  kinds_returned:
    "{file}: {count} {count|row counts as a return and takes|rows count as returns and take} away by {column}: {words}; --all-rows takes amounts as they stand",
  refunds_taken:
    '{file}: "{heading}" is taken off the amount of {count} {count|row|rows}; if amounts are what is left of it, --refund none takes nothing off',
  refunds_net:
    '{file}: "{heading}" of {count} {count|row|rows} is not taken off, for amounts seem to be what is left of it; --refund "{heading}" takes it off',
  refunds_whole:
    '{file}: "{heading}" of {count} {count|row|rows} is not taken off, for either it or the amount seems to be an order\'s, and the other a row\'s; --refund "{heading}" takes it off each row',
  kinds_doubted:
    '{file}: {count} {count|row counts|rows count} like any other by {column}: {words}; leave out with --skip-when "{column}={choice}"',
  kinds_unknown:
    '{file}: {count} {count|row counts|rows count} like any other by {column}, and it is not known whether {words} {count|is a sale|are sales}; leave out what is none with --skip-when "{column}=WORD,…"',
  kinds_maybe_returned:
    '{file}: {count} {count|row counts|rows count} like any other by {column}: {words}; leave out with --skip-when "{column}={choice}", or take away with --return-when',
  kinds_missing: "{file}: no row has {word} in {column}",
  totals_left_out:
    "{file}: {count} {count|row is a total|rows are totals} of other rows and {count|is|are} left out: {words} (first: line {line}); --all-rows counts {count|it|them}",
  totals_doubted:
    '{file}: {count} {count|row is|rows are} called {words} in {column} and {count|counts|count} like any other, {count|being no sum|not each being a sum} of other rows; if {count|it adds|they add} up others, leave {count|it|them} out with --skip-when "{column}={words}"',
  order_totals:
    '{file}: "{heading}" is the same on all rows of {count} of {all} orders of several rows, and is added up; if it is the total of the order, --amount-per order counts it once',
  totals_once:
    '{file}: "{heading}" is the same on all rows of {count} of {all} orders of several rows and counts once an order; if it is what each row brought, say --amount-per row',
  totals_differ:
    "{file}: {count} {count|order has|orders have} different totals on {count|its|their} rows; that of the last row counts",
  rows_repeat:
    "{entity}: {count} {count|row repeats|rows repeat} another in every column read; all are counted",
  basket_rows_repeat:
    "{file}: {count} {count|row repeats|rows repeat} another in every column read; in its basket an item lies once, amounts and quantities count each time",
  orders_split:
    "order_lines: {count} {count|order has|orders have} lines in several files; do the files overlap?",
  lines_completed:
    "order_lines: {count} {count|row|rows} without a customer or day {count|takes|take} those of the other rows of the same order number",
  numbers_again:
    "order_lines: {count} {count|order number comes|order numbers come} back for the same customer more than {days} days later, and each day counts as an order; if numbers begin anew each year or are cut short, export them whole, with the year",
  baskets_again:
    "{file}: {count} basket {count|number comes|numbers come} back more than {days} days later, and each day of a customer counts as a basket; if numbers begin anew each year or are cut short, export them whole, with the year",
  products_not_exported:
    "products: {count} {count|product is|products are} sold and in no product export of {count|its|their} source, so that category, cost and stock are unknown",
  products_exported_elsewhere:
    "products: {count} {count|product is|products are} sold and in no product export of {count|its|their} source, so that category, cost and stock are unknown; {others} of the keys {others|is|are} in another source's export, for whose {others|product it is|products they are} not taken",
  baskets_shared:
    "{file}: {count} basket {count|number is|numbers are} of several customers, and {count|counts|count} as a basket of each; name the column with --basket if {count|it is|they are} one",
  baskets_together:
    "{file}: {count} {count|basket is|baskets are} of several customers, and {count|stands|stand} as --basket says; if {count|it is a basket|they are baskets} of each, join number and customer in a column of their own",
  baskets_long:
    "{file}: {count} {count|basket holds|baskets hold} rows more than {days} days apart, and {count|stands|stand} as --basket says",
  keys_again:
    "{entity}: {count} {count|row is|rows are} left out for a later row of the same number, which is of another customer or more than {days} days away; if numbers begin anew, map {key} from several columns: the number and its year",
  no_rate:
    "money comes in {count} {count|currency that has|currencies that have} no rate when first used: {which}; name the pipeline's currency, and have its file of rates begin by that day",
  no_rate_of_day:
    "{entity}: {count} {count|row is|rows are} in a currency without a rate on {count|its|their} day: {which}; add the rate to the file of rates",
  rate_not_positive:
    "rates: {count} {count|rate is|rates are} zero or below: {which}; correct the file of rates",
  rows_read_twice:
    "{path}: {count} {count|row is|rows are} read by more than one entry of the mapping, and {count|counts|count} as often",
  no_rows: "{path}: headings, but no rows; is the export whole?",
  stale:
    "{source}: {entity}: nothing after {latest}, {count} {count|day|days} before the as-of date {date}; was the export made anew?",
  orders_without_amount:
    "orders: {count} {count|order has|orders have} neither lines nor an amount and {count|counts|count} with nothing: {which}; export the lines, or map order_amount",
  returns_alone:
    "rfm: {count} {count|customer has|customers have} returns and no order, so that {count|it is|they are} not scored and the returns ({money}) are in no sum; export the sales that were given back",
  consents_unread:
    "{file}: {count} {count|row says|rows say} neither yes nor no in {column} and {count|counts|count} as no; map {count|its word|their words} in values",
  consents_rejected:
    "{file}: {count} {count|row is|rows are} rejected, and a no in {count|it|them} is not heard; correct {count|it|them} before lists are used",
  customers_untied:
    "{source}: none of its {count} {count|customer|customers} is one of another system; if they share customers, map what ties them: an id, e-mail, phone or tax id",
  contacts_of_nobody:
    "contacts: {count} {count|is|are} with nobody whom any export knows, and {count|costs|cost} no customer anything: {which}; export the customers of these activities and cases",
  subscriptions_end_first:
    "subscriptions: {count} {count|ends before it begins and counts|end before they begin and count} nowhere: {which}; correct the days",
  subscriptions_no_end:
    "subscriptions: {count} {count|is|are} cancelled on no known day and {count|counts|count} nowhere: {which}; map cancelled_at",
  subscriptions_no_amount:
    "subscriptions: {count} {count|has|have} no price, or one below zero, and {count|counts|count} nowhere: {which}; correct the price",
  subscriptions_no_interval:
    "subscriptions: {count} {count|has a price|have prices} for no known interval and {count|counts|count} nowhere: {which}; map interval to day, week, month, quarter or year",
  subscriptions_overlap:
    "subscriptions: {count} {count|overlaps an earlier one|overlap earlier ones} of the same customer and plan, and all count: {which}; is one of them a renewal, give the earlier one its end",
  subscriptions_never_billed:
    "subscriptions: {count} {count|brings|bring} money that no invoice asked for in more than 31 days: {which}; export the invoices whole, or see to billing",
  invoices_of_no_subscription:
    "invoices: {count} {count|names a subscription|name subscriptions} that no export knows: {which}; export the subscriptions whole",
  refunds_of_nothing:
    "payments: {count} {count|refund names|refunds name} no invoice of an order or a subscription and {count|is|are} taken off nowhere: {which}; map invoice_key of payments and order_key of invoices",
  refunds_of_no_order:
    "refunds: what was paid back for {count} {count|order|orders} is taken off nowhere, for {count|it does|they do} not count for the customer by the as-of date: {which}; export the orders, or tie the customers of the systems by an id, e-mail, phone or tax id",
  invoices_of_no_order:
    "invoices: {count} {count|order that invoices name does|orders that invoices name do} not count for the customer by the as-of date: {which}; export the orders, or tie the customers of the systems by an id, e-mail, phone or tax id",
  invoices_unlike_orders:
    "invoices: {count} {count|order is|orders are} invoiced at another amount than {count|its|their} own: {which}; compare the two exports",
  condition_broken:
    '{relation}: {count} {count|row breaks|rows break} the rule "{condition}": {which}; this should not come from data: please report it',
  key_repeats: "{file}: {count} {count|row repeats|rows repeat} a {key}; each row counts as a customer",
  key_missing:
    "{file}: {count} {count|row has|rows have} no {key}; {count|it is|they are} called by {count|its|their} row's number",
  looks_like_lines:
    "{file}: looks like a row for each item, under the headings {headings}, and is read as a basket a line; leave --format baskets away",
  headings_like_data:
    "{file}: line {line} is read as the headings and looks like data; where it is, write headings above it",
  flags_idle: "{file}: {flags}: without effect, for there are no sequences and no offers",
  never_split:
    '{file}: no line holds "{delimiter}", so each basket is one item; say with --delimiter what parts the items',
  rows_empty: "{file}: {count} {count|line|lines} without an item {count|is|are} left out",
  rows_unsplit:
    "{file}: {count} {count|row|rows} that cannot be split into its columns {count|is|are} left out (first: line {line})",
  rows_misencoded:
    "{file}: {count} {count|row|rows} with bytes that are no UTF-8 {count|is|are} left out (first: line {line})",
  rows_no_item:
    "{file}: {count} {count|row|rows} without an item {count|is|are} left out (first: line {line}, column {column})",
  rows_no_basket:
    "{file}: {count} {count|row|rows} without a basket {count|is|are} left out (first: line {line}, column {column})",
  rows_no_customer:
    "{file}: {count} {count|row|rows} without a customer {count|is|are} left out (first: line {line}, column {column})",
  rows_no_day:
    "{file}: {count} {count|row|rows} without a readable day {count|is|are} left out (first: line {line}, column {column}{cell})",
  rows_late:
    "{file}: {count} {count|row|rows} after the as-of date {count|is|are} left out (first: line {line}, column {column}{cell})",
  rows_returned: "{file}: {count} {count|row|rows} given back or of nothing {count|is|are} in no basket",
  rows_without_customer:
    "{file}: {count} {count|row|rows} without a customer {count|is|are} in baskets only, not in sequences and offers (first: line {line}, column {column})",
  rows_without_day:
    "{file}: {count} {count|row|rows} without a readable day {count|is|are} in baskets only, not in sequences and offers (first: line {line}, column {column}{cell})",
  rows_unpriced:
    "{file}: {count} {count|row|rows} without a readable amount {count|is|are} in no offer (first: line {line}, column {column}{cell})",
  support_raised:
    "baskets: the sets did not fit {budget} MB; instead of {asked} {asked|basket|baskets} a set has to lie in {count}",
  sets_shortened: "baskets: the sets did not fit {budget} MB; they have {most} {most|item|items} at most",
  offer_rules_too_large:
    "baskets: no rule of several products makes an offer: their baskets take {needed} MB, allowed are {budget} (memory_mb)",
  offer_rules_raised:
    "baskets: the sets that offers are looked for in did not fit {budget} MB; instead of {asked} {asked|basket|baskets} a set has to lie in {count}",
  items_joined:
    'baskets: {count} {count|item holds|items hold} " + " {count|itself|themselves} ({one}): where the items of a set are joined by it, they cannot be told apart',
  items_alike:
    "baskets: {count} {count|item differs|items differ} from another in case or blanks only (“{one}” and “{other}”); each counts as its own until they are written alike",
  never_sold: "baskets {setting} {name}: never sold",
  never_sold_as_spelt: "baskets {setting} {name} (→ {nearest}?): never sold",
  cells_unread:
    "{file}: {column}: {count} of its cells {count|is|are} no number and {count|counts|count} as missing, the first in row {row} below the headings",
} as const;
