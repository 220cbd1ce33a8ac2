// npm run check: everything that needs no emulator and no other program; well under a minute.
import { setUp, tellSetupErrors } from './setup.mjs';
import { node, runSteps, tool, vitest } from './steps.mjs';

export const checks = [
  node('generated files', 'scripts/generate.mjs', '--check'),
  tool('format and lint', 'biome', 'check', '--error-on-warnings', '.'),
  tool('types', 'tsc', '-b'),
  node('dependency rules', 'scripts/layers.mjs'),
  vitest('unit tests', 'unit'),
];

if (process.argv[1]?.endsWith('check.mjs')) {
  await tellSetupErrors(async () => {
    await setUp('check');
    process.exitCode = (await runSteps(checks)) ? 0 : 1;
  });
}
