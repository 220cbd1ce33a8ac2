/** What the benchmarked servers have in common: they tell their port, and on demand what they have used so far. */

/** @param {number} port @param {() => number} served requests so far */
export function announce(port, served) {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuUs: user + system, served: served(), rssBytes: process.memoryUsage.rss() });
  });
  process.send({ port });
}
