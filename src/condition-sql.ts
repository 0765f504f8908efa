import type { Condition, Operand } from "./condition.js";
import { numberSql, quoteName, quoteText } from "./sql.js";

/** A condition as SQL over the columns of its names: true or false for every row, never null. */
export function conditionSql(condition: Condition): string {
  switch (condition.kind) {
    case "all":
      return `(${condition.parts.map(conditionSql).join(" and ")})`;
    case "any":
      return `(${condition.parts.map(conditionSql).join(" or ")})`;
    case "not":
      return `(not ${conditionSql(condition.part)})`;
    case "compare":
      return known(`${operandSql(condition.left)} ${condition.comparison} ${operandSql(condition.right)}`);
    case "in":
      return known(`${operandSql(condition.operand)} in (${condition.values.map(operandSql).join(", ")})`);
    case "between":
      return known(
        `${operandSql(condition.operand)} between ${operandSql(condition.low)} and ${operandSql(condition.high)}`,
      );
    case "missing":
      return `(${quoteName(condition.column.name)} is null)`;
    case "holds":
      return known(quoteName(condition.column.name));
  }
}

/** What is not known does not hold. */
const known = (sql: string) => `coalesce(${sql}, 1 = 0)`;

function operandSql(operand: Operand): string {
  switch (operand.kind) {
    case "column":
      return quoteName(operand.column.name);
    case "number":
      return numberSql(operand.value);
    case "text":
      return quoteText(operand.value);
    case "day":
      return `cast(${quoteText(operand.value)} as date)`;
    case "truth":
      return operand.value ? "(1 = 1)" : "(1 = 0)";
  }
}
