import { isDeepStrictEqual } from "node:util";
import type { Warn, Warning } from "./warning.js";

/** One thing a run did, for run.json and the summary. */
export interface LogStep {
  readonly name: string;
  readonly rows: number;
  readonly milliseconds: number;
}

/** What happens while a run goes on; never a customer's data. */
export interface Log {
  readonly steps: readonly LogStep[];
  readonly warnings: readonly Warning[];
  /** Does something that gives rows, and notes how many and how long. */
  timed(name: string, action: () => Promise<number>): Promise<void>;
  readonly warn: Warn;
}

/** Where progress goes: a terminal that can rewrite its line, or plain lines. */
export interface Progress {
  begin(name: string): void;
  end(step: LogStep): void;
  readonly warn: Warn;
}

/** A log that keeps everything and tells `progress` of it. */
export function openLog(progress: Progress): Log {
  const steps: LogStep[] = [];
  const warnings: Warning[] = [];
  return {
    steps,
    warnings,
    async timed(name, action) {
      progress.begin(name);
      const start = performance.now();
      const rows = await action();
      const step = { name, rows, milliseconds: Math.round(performance.now() - start) };
      steps.push(step);
      progress.end(step);
    },
    warn(warning) {
      if (warnings.some((told) => isDeepStrictEqual(told, warning))) return;
      warnings.push(warning);
      progress.warn(warning);
    },
  };
}
