import { relative } from 'node:path';
import type { SignOptions } from '../atoms/sign-image.ts';
import { type CommandModule, invocation } from '../command-line.ts';

const sign: CommandModule = (program, context) => {
  const { output } = context;
  program
    .command('sign')
    .description('Build an atom and write the signed image NAME.atom.')
    .argument('[atom]', 'name or folder', '.')
    .option('--key <key>', 'key to sign with (default: dev, made on first use)')
    .option('--board <kind>', 'only for this kind of board')
    .addHelpText('after', `\nExample: ${invocation} sign rain --key release`)
    .action(async (atom: string, options: SignOptions) => {
      const { signNamed } = await import('../atoms/build.ts');
      const { image } = await signNamed(atom, context, options);
      output.result({ file: image.file, sequence: image.manifest.sequence, unchanged: image.unchanged });
      output.line(
        `${relative(process.cwd(), image.file)}  sequence ${image.manifest.sequence}${image.unchanged ? ' (unchanged)' : ''}`,
      );
    });
};

export default sign;
