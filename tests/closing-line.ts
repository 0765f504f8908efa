import type { Reporter, TestModule } from "vitest/node";

/** Ends the output with `N passed, N failed, N skipped`, as the runner counted them. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
      if (
        module.state() === "failed" &&
        [...module.children.allTests()].every((test) => test.result().state !== "failed")
      )
        counts.failed += 1;
    }
    counts.failed += errors.length;
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped`;
    process.once("exit", () => process.stdout.write(`${line}\n`));
  }
}
