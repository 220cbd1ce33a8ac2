/** Figures of a benchmark run, one JSON line each, for scripts/bench.mjs to print beside their goals. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

const file = process.env.RADON_BENCH_FILE ?? '.radon/bench/goals.jsonl';

/** Records a figure that has a goal. Nothing throws when it is missed: scripts/bench.mjs judges. */
export function recordGoal(goal) {
  write({ ...goal, reached: goal.bound === 'most' ? goal.value <= goal.goal : goal.value >= goal.goal });
}

/** Records a figure without a goal. */
export function recordFigure(name, value, unit = '') {
  write({ name, value, unit });
}

function write(line) {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
