/** Percentiles of measurements, by the nearest rank. Not a number when there are none. */
export type Percentiles = {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
};

export function percentilesOf(measurements: readonly number[]): Percentiles {
  const sorted = Float64Array.from(measurements).toSorted();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
