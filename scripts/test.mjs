// npm test: sets up what is missing, then runs everything that can be tested without hardware.
import { checks } from './check.mjs';
import { setUp, tellSetupErrors } from './setup.mjs';
import { command, cTests, runSteps, vitest } from './steps.mjs';

const fuzzSeconds = process.env.RADON_FUZZ_SECONDS ?? '5';

await tellSetupErrors(async () => {
  await setUp('test');
  const steps = [
    ...checks,
    cTests('firmware unit tests', 'test'),
    cTests('firmware device tests', 'test-device'),
    cTests('firmware POSIX tests', 'test-posix', 'test-template'),
    command('fuzzing', 'make', ['--no-print-directory', '-C', 'firmware', 'fuzz', `SECONDS=${fuzzSeconds}`]),
    vitest('boards, peers, whole path', 'system'),
  ];
  process.exitCode = (await runSteps(steps)) ? 0 : 1;
});
