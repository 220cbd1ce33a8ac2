import { isTokenRight, openTokenStore, type TokenRight, tokenRights } from '@radon/bridge/access';
import { Option } from 'commander';
import { type CommandModule, invocation } from '../command-line.ts';
import { CommandFailure, usageFailure } from '../failure.ts';

const tokenName = /^[a-z][a-z0-9-]{0,31}$/;
/** The bridge calls its own token so. */
const reserved = 'bridge';

function checkName(name: string): void {
  if (tokenName.test(name) && name !== reserved) return;
  throw usageFailure(
    `"${name}" is no token name.`,
    `Use lower-case letters, digits and hyphens, at most 32, a letter first; not "${reserved}".`,
  );
}

function parseRight(text: string): TokenRight {
  if (isTokenRight(text)) return text;
  throw usageFailure(`"${text}" is no right.`, `Rights: ${tokenRights.join(', ')}.`);
}

const tokens: CommandModule = (program, { workspace, output }) => {
  const store = openTokenStore(workspace.radon);
  const command = program
    .command('tokens')
    .description('Tokens that HTTP asks for beyond this machine. Only their SHA-256 is kept.')
    .addHelpText('after', `\nExample: ${invocation} tokens create --right read wall-display`);

  command
    .command('create')
    .argument('<name>')
    .description('make a token and print it, this once')
    .addOption(
      new Option('--right <right>', 'what it allows')
        .choices(tokenRights)
        .argParser(parseRight)
        .makeOptionMandatory(),
    )
    .addHelpText('after', `\nExample: ${invocation} tokens create --right read wall-display`)
    .action((name: string, { right }: { right: TokenRight }) => {
      checkName(name);
      if (store.list().some((other) => other.name === name)) {
        throw new CommandFailure(`The token ${name} exists already.`, {
          remedy: `Choose another name, or revoke it: ${invocation} tokens revoke ${name}`,
        });
      }
      workspace.folder();
      const token = store.create(name, right);
      output.result({ name, right, token });
      output.line(token);
      output.note('Keep it: it is not shown again. Send it as Authorization: Bearer TOKEN.');
    });

  command
    .command('list')
    .description('names and rights')
    .addHelpText('after', `\nExample: ${invocation} tokens list`)
    .action(() => {
      const rows = store.list().map(({ name, right, created }) => ({ name, right, created }));
      output.result(rows);
      if (rows.length === 0) {
        output.line(`No tokens yet: ${invocation} tokens create --right read NAME`);
        return;
      }
      output.table(
        ['TOKEN', 'RIGHT', 'CREATED'],
        rows.map(({ name, right, created }) => [name, right, new Date(created).toISOString()]),
      );
    });

  command
    .command('revoke')
    .argument('<token>')
    .description('let a token count no longer, from the next request on')
    .addHelpText('after', `\nExample: ${invocation} tokens revoke wall-display`)
    .action((name: string) => {
      if (!store.revoke(name)) {
        throw new CommandFailure(`There is no token ${name}.`, {
          remedy: `${invocation} tokens list shows them.`,
        });
      }
      output.result({ revoked: name });
      output.line(`${name} counts no longer.`);
    });
};

export default tokens;
