import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { findApplicationFolder, findAtomFolder } from '../atoms/find.ts';
import { type CommandModule, invocation } from '../command-line.ts';
import { exitCode } from '../failure.ts';
import type { Workspace } from '../workspace.ts';

/** The folder of an application or an atom, by path or name, with its test file. */
async function findSubject(workspace: Workspace, nameOrPath: string) {
  for (const folder of [resolve(nameOrPath), findApplicationFolder(workspace, nameOrPath)]) {
    const testFile = join(folder ?? '', 'app.test.ts');
    if (folder !== undefined && existsSync(testFile)) return { name: basename(folder), folder, testFile };
  }
  const { readAtomProject } = await import('../build/index.ts');
  return readAtomProject(findAtomFolder(workspace, nameOrPath));
}

const test: CommandModule = (program, { workspace, output, signal }) => {
  program
    .command('test')
    .description('Run the tests of an atom (atom.test.ts) or an application (app.test.ts) on this machine.')
    .argument('[atom]', 'name or folder of an atom or an application', '.')
    .addHelpText('after', `\nExample: ${invocation} test rain`)
    .action(async (atom: string) => {
      const { runAtomTests } = await import('../build/index.ts');
      const report = await runAtomTests(await findSubject(workspace, atom), { signal });
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
