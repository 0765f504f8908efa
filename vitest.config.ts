import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "./tests/closing-line.ts"],
  },
});
