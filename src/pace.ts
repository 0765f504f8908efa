import { setImmediate as breathe } from "node:timers/promises";
import type { Log } from "./log.js";

/** Lets others have their turn; throws where a stop was asked for. */
export type Rest = () => Promise<void>;

/**
 * How long computing is done: a stretch of it under a name, so that progress can be shown and a wish to stop be heard
 * before each, and wherever it rests.
 */
export type Pace = <Result>(
  name: string,
  rowCount: number,
  work: (rest: Rest) => Result | Promise<Result>,
) => Promise<Result>;

/** Notes every stretch in the log, and stops before the next one, or at its next rest, when asked to. */
export function loggedPace(log: Log, signal: AbortSignal | undefined): Pace {
  const rest = async () => {
    await breathe();
    signal?.throwIfAborted();
  };
  return async (name, rowCount, work) => {
    const results: Awaited<ReturnType<typeof work>>[] = [];
    await log.timed(name, async () => {
      await rest();
      results.push(await work(rest));
      return rowCount;
    });
    return results[0]!;
  };
}

/**
 * Both at once, where one leaves the processor idle that the other needs. It waits for both even where one fails, so
 * that nothing goes on behind; of two failures the first one's is thrown.
 */
export async function sideBySide<First, Second>(
  first: Promise<First>,
  second: Promise<Second>,
): Promise<[First, Second]> {
  await Promise.allSettled([first, second]);
  return Promise.all([first, second]);
}
