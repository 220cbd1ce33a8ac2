import { relative } from 'node:path';
import { type SignedImage, signImage } from '../atoms/sign-image.ts';
import { describeBlock } from '../build/block-bytes.ts';
import type { BuiltAtom } from '../build/index.ts';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { formatBytes, formatDuration } from '../output.ts';

/** Prints what a build made: sizes, imports, exact RAM. */
export function printBuilt(built: BuiltAtom, { output }: CommandContext): void {
  const { sizes, need, configuration } = built;
  output.line(
    `${built.name} ${built.version}  ${formatBytes(sizes.total)} of wasm (code ${sizes.code}, data ${sizes.data} bytes)`,
  );
  output.line(`  imports  ${built.imports.map((entry) => entry.name).join(', ') || 'none'}`);
  output.line(`  exports  ${built.exports.join(', ')}`);
  output.line(`  memory   ${configuration.limits.memory} bytes, ${sizes.staticMemory} of them static data`);
  if (need !== undefined) output.line(`  needs    ${describeBlock(need, configuration)}`);
}

/** Prints where the signed image is, and with --json all of a build. */
export function printImage(
  built: BuiltAtom,
  image: SignedImage | undefined,
  { output }: CommandContext,
): void {
  const { name, version, sizes, need, imports, exports, configuration } = built;
  const digest = Buffer.from(built.digest).toString('hex');
  output.result({ name, version, sizes, need, imports, exports, configuration, digest, image: image?.file });
  if (image === undefined) return;
  output.line(`  image    ${relative(process.cwd(), image.file)}${image.unchanged ? ' (unchanged)' : ''}`);
}

const build: CommandModule = (program, context) => {
  const { workspace, output } = context;
  program
    .command('build')
    .description('Compile an atom, check imports and features, measure the exact RAM need, sign the image.')
    .argument('[atom]', 'name or folder', '.')
    .option('--debug', 'keep function names in the module')
    .option('--no-measure', 'skip measuring the RAM need (no image is signed then)')
    .addHelpText('after', `\nExample: ${invocation} build rain`)
    .action(async (atom: string, options: { debug?: boolean; measure: boolean }) => {
      const began = performance.now();
      const { buildNamed } = await import('../atoms/build.ts');
      const measure = options.measure ? { measure: workspace } : {};
      const built = await buildNamed(atom, context, { ...measure, debug: options.debug === true });
      printBuilt(built, context);
      const image = options.measure ? signImage(workspace, built) : undefined;
      printImage(built, image, context);
      output.note(`built in ${formatDuration(performance.now() - began)}`);
    });
};

export default build;
