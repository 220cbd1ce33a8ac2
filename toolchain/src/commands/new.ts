import { join, relative } from 'node:path';
import { type CommandModule, invocation } from '../command-line.ts';

const create: CommandModule = (program, { workspace, output }) => {
  program
    .command('new')
    .description('Make an atom folder that builds, with a test, in atoms/NAME of this project.')
    .argument('<name>', 'lower-case letters, digits and hyphens, a letter first')
    .option('--in <folder>', 'make it in this folder instead')
    .addHelpText('after', `\nExample: ${invocation} new thermostat`)

    .action(async (name: string, options: { in?: string }) => {
      const folder = join(options.in ?? join(workspace.root, 'atoms'), name);
      const { createAtom } = await import('../build/index.ts');
      const files = createAtom(folder, name);
      output.result({ folder, files });
      output.line(`${relative(process.cwd(), folder) || '.'}`);
      for (const file of files) output.line(`  ${file}`);
      output.line(`next: ${invocation} test ${name}, ${invocation} push ${name}, ${invocation} dev ${name}`);
    });
};

export default create;
