/** What one measured stretch took. */
export interface Measurement {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** What an action takes, and the peak of the process up to its end. */
export async function measured(action: () => unknown): Promise<Measurement> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await action();
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** The measurement in the middle of three or another odd number, by CPU-seconds. */
export const medianOf = (measurements: readonly Measurement[]): Measurement =>
  measurements.toSorted((a, b) => a.cpuSeconds - b.cpuSeconds)[(measurements.length - 1) / 2]!;
