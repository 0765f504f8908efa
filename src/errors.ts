/** The one table of exit codes; every way a command can end has its own. */
export const EXIT_CODES = {
  ok: 0,
  bug: 1,
  usage: 2,
  configuration: 3,
  data: 4,
  engine: 5,
  warning: 6,
} as const;

/** Whose turn it is: the caller's, the pipeline's author's, the exporter's, the machine's. */
export type ErrorKind = "usage" | "configuration" | "data" | "engine";

/**
 * Every failure we foresee, as `where: what is wrong`, with the cure in `hint`.
 * Anything else that is thrown is a bug in crm-analyze.
 */
export class CrmError extends Error {
  override readonly name = "CrmError";
  readonly kind: ErrorKind;
  /** The cure. */
  readonly hint: string | undefined;
  /** The statement that failed; shown with --debug. */
  readonly sql: string | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options: { hint?: string; sql?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
    this.sql = options.sql;
  }

  get exitCode(): number {
    return EXIT_CODES[this.kind];
  }
}

/** Several problems of one kind, reported together, a line each. */
export function problemsError(kind: ErrorKind, problems: readonly string[], hint?: string): CrmError {
  return new CrmError(kind, problems.join("\n"), hint === undefined ? {} : { hint });
}
