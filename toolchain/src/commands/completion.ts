import { Argument, Option } from 'commander';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { complete } from '../completion/candidates.ts';
import { completionScript, type Shell, shells } from '../completion/scripts.ts';

/** What a script asks for at Tab. Whatever goes wrong, the one who types is not told in the middle of a line. */
async function answer(words: readonly string[], context: CommandContext): Promise<void> {
  try {
    const { candidates, files } = await complete(words, context);
    const lines = candidates.map(({ word, summary = '' }) => (summary === '' ? word : `${word}\t${summary}`));
    const text = [...lines, ...(files ? [':files'] : [])].map((line) => `${line}\n`).join('');
    context.output.raw(new TextEncoder().encode(text));
  } catch {
    // No candidates.
  }
}

const completion: CommandModule = (program, context) => {
  program
    .command('completion')
    .usage(`[options] ${shells.join('|')}`)
    .description('Print a script that completes commands, options and names in a shell.')
    .addArgument(new Argument('<shell>').choices(shells))
    .argument('[words...]')
    .addOption(new Option('--complete').hideHelp())
    .addHelpText('after', `\nExample: ${invocation} completion bash > ~/.radon.bash`)
    .action((shell: Shell, words: readonly string[], options: { complete?: boolean }) => {
      if (options.complete === true) return answer(words, context);
      const script = completionScript(shell);
      context.output.result({ shell, script });
      context.output.line(script.trimEnd());
    });
};

export default completion;
