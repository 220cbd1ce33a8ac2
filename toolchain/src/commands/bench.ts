import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandModule, invocation } from '../command-line.ts';
import { CommandFailure, exitCode } from '../failure.ts';

const bench: CommandModule = (program, { workspace, output, signal }) => {
  program
    .command('bench')
    .description('Measure what this project promises; exit code 1 when a goal is missed.')
    .argument('[parts...]', 'only these parts')
    .addHelpText('after', `\nExample: ${invocation} bench firmware`)
    .action(async (parts: string[]) => {
      const script = join(workspace.distribution, 'scripts', 'bench.mjs');
      if (!existsSync(script)) {
        throw new CommandFailure('The benchmarks are part of the repository, not of the installed package.', {
          remedy: 'Run npm run bench in a clone of the repository.',
        });
      }
      const args = [script, ...(output.json ? ['--json'] : []), ...parts];
      const child = spawn(process.execPath, args, { cwd: workspace.distribution, stdio: 'inherit', signal });
      const code = await new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', resolve);
      });
      if (code !== 0) process.exitCode = code ?? exitCode.failed;
    });
};

export default bench;
