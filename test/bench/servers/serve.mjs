/** What the benchmarked servers have in common: they tell their port, and on demand what they have used so far. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PerformanceObserver } from 'node:perf_hooks';

/** Milliseconds spent in garbage collection that were heard of. */
let gcMs = 0;
const collections = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) gcMs += duration;
});

/** `more` is asked with every question: what else is to be told. With `--expose-gc`, only what is needed counts as memory. */
export function announce(port, more = () => ({})) {
  collections.observe({ entryTypes: ['gc'] });
  process.on('disconnect', () => process.exit());
  process.on('message', (question) => {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    const atMs = performance.now();
    process.send({
      atMs,
      cpuUs: user + system,
      gcMs,
      rssBytes: process.memoryUsage.rss(),
      ...more(question),
    });
  });
  process.send({ port });
}

/** A folder that goes with the process. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'radon-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit());
