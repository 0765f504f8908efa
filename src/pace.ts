import { setImmediate as breathe } from "node:timers/promises";
import type { Log } from "./log.js";

/**
 * How long computing is done: a stretch of it under a name, so that progress can be shown and a wish to stop be heard
 * before each.
 */
export type Pace = <Result>(name: string, rowCount: number, work: () => Result) => Promise<Result>;

/** Notes every stretch in the log, and stops before the next one when asked to. */
export function loggedPace(log: Log, signal: AbortSignal | undefined): Pace {
  return async (name, rowCount, work) => {
    const results: ReturnType<typeof work>[] = [];
    await log.timed(name, async () => {
      await breathe();
      signal?.throwIfAborted();
      results.push(work());
      return rowCount;
    });
    return results[0]!;
  };
}
