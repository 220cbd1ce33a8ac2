/** How `radon test` runs vitest: an atom's tests need no configuration, and take none from folders above. */
export default { test: { include: ['atom.test.ts', 'app.test.ts'] } };
