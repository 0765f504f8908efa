/** What goes with what, in English. */
export const baskets = {
  title: "Baskets: what goes with what",
  question: "What goes with what, and what do customers buy next?",
  /** Two sentences of the answer. */
  sentences: "{before} {after}",
  answer:
    "{rules} {rules|rule holds|rules hold} beyond chance in {baskets} {baskets|basket|baskets}. The strongest: of the baskets with {left}, {confidence} have {right} too, {lift} times the average.",
  answerNoRule: {
    unreached:
      "No rule reaches support and a confidence of {confidence} in {baskets} {baskets|basket|baskets}.",
    weak: "Of {all} {all|rule|rules} with a confidence of {confidence} or more in {baskets} {baskets|basket|baskets} none is significant: chance makes as much of baskets of these sizes.",
  },
  answerNoRuleOfSides: {
    unreached:
      "No rule with the sides asked for reaches support and a confidence of {confidence} in {baskets} {baskets|basket|baskets}.",
    weak: "Of {all} {all|rule|rules} with the sides asked for in {baskets} {baskets|basket|baskets} none is significant: chance makes as much of baskets of these sizes.",
  },
  answerTooFew: "A set would have to lie in {asked} baskets, and there {baskets|is|are} only {baskets}.",
  answerNoPairBesideCommon:
    "Beside what lies in nearly every basket ({common}) no two items lie together in enough baskets of {baskets} to make a rule.",
  answerNoPair: "No two items lie together in enough baskets of {baskets} to make a rule.",
  answerAllCommon:
    "Every item lies in nearly every basket ({common}), so that nothing is left to compare; a higher share (--common-share, common_share) compares them.",
  answerNoItem: "Nothing to compare: what was bought has no {level}.",
  answerNoBasket: "No basket is left to compare.",
  answerHuge:
    "{count} {count|basket|baskets} of more than {most} items {count|is|are} left out; columns of basket and item that are swapped look like that.",
  answerCommon: "Not compared is what lies in nearly every basket ({common}).",
  answerRaised:
    "Only sets in {count} {count|basket|baskets} or more were looked for, not in {asked}, because more did not fit the memory.",
  joint: ", ",
  headlineBaskets: "Baskets",
  headlineSets: "Frequent sets",
  headlineSetsNote: "single items among them",
  headlineRules: "Rules shown",
  headlineRulesNote: "significant, and said by no more general rule",
  headlineAllRulesNote: "{count} of them significant, and said by no more general rule",
  headlineSequences: "Sequences",
  headlineAllSequencesNote: "{count} of them significant",
  network: "The strongest rules",
  networkCaption:
    "An arrow leads from what is in a basket to what goes with it: the thicker the more baskets hold both, the darker the more beyond the average. Where several items lead to another together, their lines join first. Dots are as large as the items are common.",
  heat: "Groups in one basket",
  heatCaption:
    "Lift: how many times oftener than if they were bought regardless of each other. Below: baskets.",
  group: "Group",
  rules: "Rules",
  rulesCaption:
    "Of the baskets with the left side, the confidence has the right side too; the lift says how many times the average that is.",
  revenueCaption: "No cost is known, so that money is revenue.",
  sequences: "What is bought next",
  sequencesCaption:
    "Within {days} {days|day|days} after a day with the first item; the base rate is that of any day of purchase. Items of the same day count in the rules above.",
  sequencesNone:
    "Of {count} {count|pair|pairs} of items that are common enough none follows the other beyond chance.",
  columns: {
    rule_number: "No.",
    antecedent: "With",
    consequent: "goes",
    basket_count: "Baskets",
    support: "Support",
    confidence: "Confidence",
    lift: "Lift",
    lift_low: "Lift from",
    lift_high: "to",
    leverage: "Leverage",
    conviction: "Conviction",
    p_value: "p (Fisher)",
    q_value: "q",
    is_redundant: "Redundant",
    is_significant: "Significant",
    margin_per_hundred: "Margin per 100 contacts",
    revenue_per_hundred: "Revenue per 100 contacts",
    open_customers: "Customers without it",
    sequence_number: "No.",
    first_item: "After",
    second_item: "comes",
    start_count: "Days with the first",
    follow_count: "Followed",
    follow_rate: "Rate",
    base_rate: "Base rate",
    delay_low_days: "Days, first quarter",
    delay_median_days: "Days, median",
    delay_high_days: "Days, third quarter",
    sequence_p_value: "p",
  },
  levels: { product: "products", category: "categories", brand: "brands", item: "the items of the file" },
  noteBaskets: {
    order: "A basket is an order; items are {level}.",
    customer_day: "A basket is what a customer bought on one day; items are {level}.",
    customer_window: "A basket is what a customer bought in {days} {days|day|days}; items are {level}.",
    customer: "A basket is all that a customer ever bought; items are {level}.",
    file: "A basket is one of the file; items are {level}.",
  },
  noteSupport:
    "A set counts from {count} {count|basket|baskets} on, a rule from a confidence of {confidence} on; both in whole counts, exact.",
  noteRaised:
    "The sets and their rules did not fit the budget of {budget} MB: instead of {asked} {asked|basket|baskets} a set has to lie in {count}. Allow more memory (each rule takes {each} kB), or ask for a higher support or shorter sets (--max-length, max_length).",
  noteShorter:
    "Rules have {most} {most|item|items} at most: longer sets or their rules did not fit the budget of {budget} MB. Allow more memory (each rule takes {each} kB), or ask for a higher support or confidence.",
  noteRules:
    "{all} {all|rule reaches|rules reach} support and confidence; {shown} {shown|is|are} shown. {redundant} {redundant|is|are} redundant: a rule with fewer items on the left has at least the confidence. {weak} {weak|is|are} not significant.",
  noteValued:
    "How many customers are without the right side was counted for the {count} rules with the highest lift; for the others that is empty.",
  noteChance:
    "Significant is what random baskets with these sizes and these item frequencies would not bring; at most {share} of the significant rules are expected to be false. Fisher's test, which takes all baskets for equal, must hold as well.",
  noteExcluded: "Left out as set: {items} ({count}).",
  noteUnknown: "Set to be left out, and never sold: {names}.",
  noteCommon: "Left out because they lie in nearly every basket: {items} ({count}).",
  noteEmptied:
    "{count} {count|basket holds|baskets hold} nothing that is compared and {count|is|are} not counted.",
  noteHuge:
    "{count} {count|basket|baskets} of more than {most} {most|item|items} {count|is|are} left out; items in the largest: {sizes}.",
  noteRarer:
    "Sequences compare the {most} commonest items; {count} rarer {count|one is|ones are} left out of them, not of the rules.",
  noteHugeCut:
    "{count} {count|basket|baskets} of more than {most} {most|item|items} {count|is|are} cut to {count|its|their} commonest items; items in the largest: {sizes}.",
  noteCause:
    "A rule says what lies together, not why: whether an offer sells more is known only when it is tried against customers without it.",
};
