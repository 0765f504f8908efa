/** What a column holds, as conditions ask for it. */
export type ConditionKind = "text" | "number" | "day" | "truth";

/** A column that a condition may ask for. */
export interface ConditionColumn {
  readonly name: string;
  readonly kind: ConditionKind;
}

/** How two values may be compared. */
export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** One value in a condition: a column's, or one that is written down. */
export type Operand =
  | { readonly kind: "column"; readonly column: ConditionColumn }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text" | "day"; readonly value: string }
  | { readonly kind: "truth"; readonly value: boolean };

/** A condition on a row, read and checked: true or false for every row, never unknown. */
export type Condition =
  | { readonly kind: "all" | "any"; readonly parts: readonly Condition[] }
  | { readonly kind: "not"; readonly part: Condition }
  | {
      readonly kind: "compare";
      readonly left: Operand;
      readonly comparison: Comparison;
      readonly right: Operand;
    }
  | { readonly kind: "in"; readonly operand: Operand; readonly values: readonly Operand[] }
  | { readonly kind: "between"; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: "missing"; readonly column: ConditionColumn }
  | { readonly kind: "holds"; readonly column: ConditionColumn };

/** The columns that a condition asks for, each once, by name. */
export function columnsAsked(condition: Condition): string[] {
  return [...new Set(namesIn(condition))].sort();
}

function namesIn(condition: Condition): string[] {
  switch (condition.kind) {
    case "all":
    case "any":
      return condition.parts.flatMap(namesIn);
    case "not":
      return namesIn(condition.part);
    case "compare":
      return [condition.left, condition.right].flatMap(nameOf);
    case "in":
      return [condition.operand, ...condition.values].flatMap(nameOf);
    case "between":
      return [condition.operand, condition.low, condition.high].flatMap(nameOf);
    default:
      return [condition.column.name];
  }
}

const nameOf = (operand: Operand) => (operand.kind === "column" ? [operand.column.name] : []);
