import { defineConfig } from 'vitest/config';

const conditions = ['radon-source'];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };
/**
 * What a test waits for comes at once; on a machine that others use it may take its time, and an emulator or a process
 * may starve once. At home a failure is shown at once.
 */
const patience = {
  expect: { poll: { timeout: 15_000 } },
  testTimeout: 60_000,
  retry: process.env.CI ? 1 : 0,
};

/** Two projects of tests: `unit` runs in seconds and needs no tool but Node.js; `system` drives emulators and peers. */
export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          ...patience,
          // One worker a core: the default leaves one core out.
          maxWorkers: '100%',
          // Files share the modules of their worker: imports, and the start of the compiler, are paid for once.
          isolate: false,
          include: [
            'bridge/**/*.test.ts',
            'toolchain/**/*.test.ts',
            'atoms-as/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.system.test.ts'],
        },
      },
      {
        ...shared,
        test: { name: 'bench', include: ['test/bench/**/*.bench.ts'], fileParallelism: false },
      },
      {
        ...shared,
        test: {
          ...patience,
          name: 'system',
          include: ['test/**/*.test.ts', '**/*.system.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
