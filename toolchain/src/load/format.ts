/** `0.32 ms`, `120 ms`, `1.02 s`, `12.3 s`. */
export function formatMs(value: number): string {
  if (value >= 1_000) return `${(value / 1_000).toFixed(value < 10_000 ? 2 : 1)} s`;
  return value < 10 ? `${value.toFixed(2)} ms` : `${Math.round(value)} ms`;
}

/** `12,345`; below 1,000 with one digit behind the point, unless it is whole. */
export function formatCount(value: number): string {
  const digits = value < 1_000 && !Number.isInteger(value) ? 1 : 0;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
