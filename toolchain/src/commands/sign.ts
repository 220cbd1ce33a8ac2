import { relative } from 'node:path';
import { findAtomFolder } from '../atoms/find.ts';
import { signImage } from '../atoms/sign-image.ts';
import { buildAtom, readAtomProject } from '../build/index.ts';
import { type CommandModule, invocation } from '../command-line.ts';

const sign: CommandModule = (program, { workspace, output, signal }) => {
  program
    .command('sign')
    .description('Build an atom and write the signed image NAME.atom.')
    .argument('[atom]', 'name or folder', '.')
    .option('--key <name>', 'key to sign with (default: dev, made on first use)')
    .option('--board <board>', 'only for this kind of board')
    .addHelpText('after', `\nExample: ${invocation} sign rain --key release`)
    .action(async (atom: string, options: { key?: string; board?: string }) => {
      const project = readAtomProject(findAtomFolder(workspace, atom));
      const image = signImage(workspace, await buildAtom(project, { measure: workspace, signal }), options);
      output.result({ file: image.file, sequence: image.manifest.sequence, unchanged: image.unchanged });
      output.line(
        `${relative(process.cwd(), image.file)}  sequence ${image.manifest.sequence}${image.unchanged ? ' (unchanged)' : ''}`,
      );
    });
};

export default sign;
