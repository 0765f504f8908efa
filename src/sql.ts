/** A text as a SQL literal, safe for any content. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name from a file or a setting as a SQL identifier, safe for any content. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A number as a DOUBLE literal: without the exponent SQL would take it for a DECIMAL. */
export function numberSql(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`not a finite number: ${value}`);
  const text = String(value);
  return text.includes("e") ? text : `${text}e0`;
}
