import { findAtomFolder } from '../atoms/find.ts';
import { type CommandModule, invocation } from '../command-line.ts';
import { exitCode } from '../failure.ts';

const test: CommandModule = (program, { workspace, output, signal }) => {
  program
    .command('test')
    .description('Build an atom and run its tests (atom.test.ts) on this machine.')
    .argument('[atom]', 'name or folder', '.')
    .addHelpText('after', `\nExample: ${invocation} test rain`)
    .action(async (atom: string) => {
      const { readAtomProject, runAtomTests } = await import('../build/index.ts');
      const report = await runAtomTests(readAtomProject(findAtomFolder(workspace, atom)), { signal });
      for (const entry of report.cases) {
        output.line(`${entry.passed ? '✔' : '✘'} ${entry.name} (${Math.round(entry.durationMs)} ms)`);
        if (entry.message !== undefined) output.line(`    ${entry.message}`);
      }
      output.result(report);
      output.line(`${report.passed} passed, ${report.failed} failed`);
      if (report.failed > 0) process.exitCode = exitCode.failed;
    });
};

export default test;
