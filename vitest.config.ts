import { defineConfig } from 'vitest/config';

const conditions = ['radon-source'];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

/** Two projects: `unit` runs in seconds and needs no tool but Node.js; `system` drives emulators and peers. */
export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          // One worker a core: the default leaves one core out. Compilers and emulated worlds share them, hence the patience.
          maxWorkers: '100%',
          testTimeout: 20_000,
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
          name: 'system',
          // A machine that others use may starve an emulator once; at home a failure is shown at once.
          retry: process.env.CI ? 1 : 0,
          include: ['test/**/*.test.ts', '**/*.system.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
