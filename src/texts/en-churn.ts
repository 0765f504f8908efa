import { forecast } from "./en-churn-forecast.js";
/** Who will leave, and why, in English. */
export const churn = {
  tree: {
    everyone: "All customers",
    /** One condition, as it stands in a sentence. */
    atMost: "{feature} at most {high}",
    over: "{feature} over {low}",
    between: "{feature} over {low} and at most {high}",
    from: "{feature} at least {low}",
    fromTo: "{feature} {low} to {high}",
    isOneOf: "{feature} is {words}",
    isUnknown: "{feature} is not known",
    isKnown: "{feature} is known",
    orUnknown: "{condition} or not known",
    /** The value that weighs most for one customer. */
    has: "{feature} is {value}",
    or: " or ",
    listed: ", ",
    more: "{words} and {count} more",
    and: " and ",
    rule: "{conditions}: {count} {count|customer|customers}, {risk} leave",
    ruleMoney: "{conditions}: {count} {count|customer|customers}, {risk} leave, {money} at risk",
    /** The answer on a branch of the picture. */
    branchAtMost: "≤ {high}",
    branchOver: "> {low}",
    branchFrom: "≥ {low}",
    branchOrUnknown: "{answer}, unknown",
    branchUnknown: "unknown",
    branchKnown: "known",
    leaf: "Leaf",
    count: "Customers",
    risk: "Leave",
    money: "At risk",
  },
  file: {
    title: "Churn: who will leave, and why",
    question: "Which customers will leave, and what do they have in common?",
    answer:
      "{share} of {customers} {customers|customer|customers} whose outcome is known left. The tenth with the highest risk holds {reached} of those who leave, {lift} times as many as chance would find. The riskiest group: {rule}.",
    answerFlat:
      "{share} of {customers} {customers|customer|customers} whose outcome is known left. Nothing in the table tells them apart: the tree asks no question.",
    customers: "Customers",
    customersNote: "{known} with a known outcome",
    rate: "Left",
    rateNote: "{column} is {positive}",
    area: "Pairs ranked correctly",
    areaNote: "pairs of a leaver and a stayer, 95% interval {low} to {high}",
    list: "Worth a call",
    listNote: "who have not left; by {model}; grade {grade}",
    atRisk: "Value at risk",
    atRiskNote: "probability × {column}, customers who have not left",
    modelNames: {
      tree: "Tree (leaves: {size})",
      boosted: "Boosted trees ({size})",
      logistic: "Logistic regression",
      rule: "Base rate for everybody",
    },
    tree: "The tree",
    treeCaption:
      "Branches are as thick as the customers on them are many, and the stronger in colour the more of them leave.",
    rules: "The groups of the tree",
    rulesCaption:
      "The riskiest first; the same leaf numbers stand in the picture and in churn.csv. Customers and money include those who have left.",
    leaf: "Leaf",
    rule: "Customers whose",
    risk: "Leave",
    observed: "Left so far",
    models: "How good each model is",
    modelsCaption:
      "On customers whom the model had not seen, pooled over {folds} {folds|fold|folds}, with 95% intervals. Area: share of pairs ranked correctly. Precision: mean share of leavers down the list. Brier and log-loss: errors of the probability, smaller is better. Grade: what its list saves against the rule's, from A (much more) to D (less).",
    model: "Model",
    areaColumn: "Area",
    precision: "Precision",
    brier: "Brier",
    logLoss: "Log-loss",
    grade: "Grade",
    range: "{estimate} ({low} to {high})",
    drivers: "What the tree goes by",
    driversCaption: "Share of the differences in risk that questions on the column explain.",
    column: "Column",
    share: "Share",
    calibration: "Predicted and actual",
    calibrationCaption:
      "Customers in ten groups by probability; on the line a probability of 30% means that 30 of 100 leave.",
    foretold: "Probability",
    came: "Left",
    gains: "How many leavers a list reaches",
    gainsCaption: "Customers called, the riskiest first, and the share of all leavers among them.",
    called: "Called",
    reached: "Leavers reached",
    leftOut: "Columns that nothing was learnt from",
    reason: "Why",
    reasons: {
      empty: "holds nothing",
      constant: "is the same in every row",
      days: "holds days; give the number of days since instead",
      key: "tells customers apart",
      words: "has more than 1,000 different words",
      texts: "has another text in most rows",
      "leak-alone": "foretells suspiciously well alone ({figure}): likely known only after the customer left",
      "leak-pure": "has values found with leavers only, {figure} of them: likely known only after they left",
      "leak-filled":
        "is filled for those who left and hardly for others ({figure}): likely known only after they left",
    },
    columns: {
      customer_key: "Customer key",
      churn_probability: "Probability of leaving",
      risk_band: "Risk",
      reason_1: "First reason",
      reason_2: "Second reason",
      reason_3: "Third reason",
      value_at_risk: "Value at risk",
      leaf: "Leaf",
    },
    bands: { high: "high", middle: "medium", low: "low" },
    writtenOutOfFold:
      "The probabilities in churn.csv are out-of-fold by {column}: each row with an outcome is scored by models that were fitted without its fold. Leaf and reasons are those of the tree fitted to all rows.",
    writtenFinal:
      "The probabilities in churn.csv are those of the model fitted to all rows with an outcome; the figures of quality are out-of-fold.",
    blank:
      "{count} {count|row has|rows have} no outcome: nothing was learnt from {count|it, but it is|them, but they are} scored.",
    rarer: "{positive} is taken for leaving because it is the rarer of the two; --positive names another.",
    heading:
      "{positive} is taken for leaving because the heading {column} speaks of staying; --positive names another.",
    infinite:
      "{column}: {count} {count|cell holds|cells hold} no finite number and {count|counts|count} as missing.",
    sampled: "Learnt from {count} {count|row|rows} with an outcome, drawn by hash; all are scored.",
    graded:
      "The grade takes it that {success} of the leavers who are called stay and that a call costs {cost}; the rule calls those with most at stake. Its list of {count} saves {model}, the rule's {rule}.",
    gradedCustomers:
      "Without a column of money (--value) every customer counts the same: the grade takes it that {success} of the leavers who are called stay and that a call costs a hundredth of a customer. Its list of {count} keeps {model} {model|customer|customers} net, one at random {rule}.",
    leftToo:
      "The money at risk of the groups and of churn.csv includes customers who have left; the total at the top does not.",
    ruleShips:
      "The model does not reliably beat the rule; do not expect more of its list than of the rule's.",
    keepLeak: "Left out as likely leaks: {columns}. If they are known before a customer leaves, use --keep.",
  },
  forecast,
};
