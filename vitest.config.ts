import { defineConfig } from "vitest/config";
import LongestFirst from "./tests/longest-first.js";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    // Much is made and dropped: a larger nursery is swept less often.
    execArgv: ["--max-semi-space-size=64"],
    // No test changes what others see: modules are loaded once a worker.
    isolate: false,
    setupFiles: ["./tests/leave-nothing.ts"],
    sequence: { sequencer: LongestFirst },
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "./tests/closing-line.ts"],
  },
});
