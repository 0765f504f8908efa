import { setTimeout as after } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { openLog } from "../src/log.js";
import { loggedPace, sideBySide, type Rest } from "../src/pace.js";

describe("a paced stretch of work", () => {
  const quietLog = () => openLog({ begin: () => undefined, end: () => undefined, warn: () => undefined });
  const restThrice = async (rest: Rest) => {
    for (let turn = 0; turn < 3; turn++) await rest();
    return "done";
  };

  test("is one step of the log, however often it rests", async () => {
    const log = quietLog();
    const pace = loggedPace(log, undefined);
    expect(await pace("sets", 7, restThrice)).toBe("done");
    expect(await pace("rules", 2, () => 5)).toBe(5);
    expect(log.steps.map(({ name, rows }) => `${name} ${rows}`)).toEqual(["sets 7", "rules 2"]);
  });

  test("stops at its next rest when asked to", async () => {
    const log = quietLog();
    const stop = new AbortController();
    const turns: number[] = [];
    const work = async (rest: Rest) => {
      for (const turn of [1, 2, 3]) {
        turns.push(turn);
        if (turn === 2) stop.abort();
        await rest();
      }
    };
    await expect(loggedPace(log, stop.signal)("sets", 7, work)).rejects.toThrow("aborted");
    expect(turns).toEqual([1, 2]);
    expect(log.steps).toEqual([]);
  });
});

describe("work side by side", () => {
  const failing = async (message: string, milliseconds: number) => {
    await after(milliseconds);
    throw new Error(message);
  };

  test("gives both results", async () => {
    expect(await sideBySide(after(2, "slow"), Promise.resolve(7))).toEqual(["slow", 7]);
  });

  test("waits for the other where one fails, and tells of the first's failure whichever came earlier", async () => {
    let isOver = false;
    const slow = after(20).then(() => (isOver = true));
    await expect(sideBySide(failing("one", 1), slow)).rejects.toThrow("one");
    expect(isOver).toBe(true);
    await expect(sideBySide(failing("first", 20), failing("second", 1))).rejects.toThrow("first");
  });
});
