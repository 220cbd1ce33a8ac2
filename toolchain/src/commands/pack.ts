import { checkSignOptions, type SignOptions, signImage } from '../atoms/sign-image.ts';
import { type CommandModule, invocation } from '../command-line.ts';
import { printBuilt, printImage } from './build.ts';

interface Options extends SignOptions {
  readonly config?: string;
}

const pack: CommandModule = (program, context) => {
  const { workspace, signal } = context;
  program
    .command('pack')
    .description(
      'Make an atom of a WebAssembly module from clang, Zig or Rust: check, fit, measure and sign it.',
    )
    .argument('<file>', 'a .wasm file; its atom.json lies beside it')
    .option('--config <file>', 'the configuration, where it is not atom.json beside the module')
    .option('--key <key>', 'key to sign with (default: dev, made on first use)')
    .option('--board <kind>', 'only for this kind of board')
    .addHelpText('after', `\nExample: ${invocation} pack echo.wasm`)
    .action(async (file: string, { config, ...options }: Options) => {
      checkSignOptions(workspace, options);
      const { packModule } = await import('../build/pack.ts');
      const configuration = config === undefined ? {} : { configurationFile: config };
      const built = await packModule(file, { measure: workspace, signal, ...configuration });
      printBuilt(built, context);
      printImage(built, signImage(workspace, built, options), context);
    });
};

export default pack;
