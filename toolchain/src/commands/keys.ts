import { createHash } from 'node:crypto';
import { sha256 } from '@radon/bridge/crypto';
import { keyId, keyRight } from '@radon/bridge/image';
import { type CommandModule, invocation } from '../command-line.ts';
import { usageFailure } from '../failure.ts';
import { type KeyRight, openKeyStore } from '../keys/key-store.ts';

function parseRights(text: string): readonly KeyRight[] {
  const rights = text.split(',').map((right) => right.trim());
  const known = Object.keys(keyRight);
  const unknown = rights.find((right) => !known.includes(right));
  if (unknown !== undefined) throw usageFailure(`"${unknown}" is no right.`, `Rights: ${known.join(', ')}.`);
  return rights as KeyRight[];
}

/** A public key: 64 hexadecimal digits. */
function parsePublicKey(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw usageFailure('A public key is 64 hexadecimal digits.');
  return text.toLowerCase();
}

const kidText = (publicKey: Uint8Array) => Buffer.from(keyId(publicKey, sha256)).toString('hex');

const keys: CommandModule = (program, { workspace, output }) => {
  const store = openKeyStore(workspace);
  const command = program
    .command('keys')
    .description('Ed25519 keys that sign manifests. Private keys stay in .radon/keys, mode 0600.')
    .addHelpText('after', `\nExample: ${invocation} keys create release`);

  const show = (name: string) => {
    const { publicKey } = store.load(name);
    const key = { name, kid: kidText(publicKey), publicKey: Buffer.from(publicKey).toString('hex') };
    output.result(key);
    output.line(`${name}  kid ${key.kid}\n  public key ${key.publicKey}`);
  };

  command
    .command('create')
    .argument('<name>')
    .description('make a key')
    .addHelpText('after', `\nExample: ${invocation} keys create release`)
    .action((name: string) => {
      store.create(name);
      show(name);
      output.note(
        `Boards accept it after: ${invocation} keys trust ${name}, then ${invocation} flash BOARD.`,
      );
    });

  command
    .command('list')
    .description('keys held here and keys that boards provisioned from here trust')
    .addHelpText('after', `\nExample: ${invocation} keys list`)
    .action(() => {
      const trusted = store.trusted();
      const held = store.list().map((name) => {
        const publicKey = store.load(name).publicKey;
        return { name, kid: kidText(publicKey), publicKey: Buffer.from(publicKey).toString('hex') };
      });
      output.result({ held, trusted });
      const names = [...new Set([...held.map((key) => key.name), ...trusted.map((key) => key.name)])].sort();
      if (names.length === 0) {
        output.line('No keys yet: the first push or start of a board makes the key dev.');
        return;
      }
      output.table(
        ['KEY', 'KID', 'PRIVATE', 'TRUSTED FOR', 'RIGHTS'],
        names.map((name) => {
          const trust = trusted.find((key) => key.name === name);
          const hex = trust?.key ?? held.find((key) => key.name === name)?.publicKey ?? '';
          const prefix = trust === undefined ? '-' : trust.prefix === '' ? 'all names' : `${trust.prefix}*`;
          const isHeld = held.some((key) => key.name === name);
          return [
            name,
            kidText(Buffer.from(hex, 'hex')),
            isHeld ? 'yes' : 'no',
            prefix,
            trust?.rights.join(', ') ?? '-',
          ];
        }),
      );
    });

  command
    .command('trust')
    .argument('<key>')
    .description('have boards trust a key from their next provisioning on')
    .option('--key <hex>', 'public key of somebody else; without it, the key of that name held here')
    .option('--prefix <prefix>', 'only atoms whose name starts so', '')
    .option('--rights <list>', `of ${Object.keys(keyRight).join(', ')}`, 'deploy,control')
    .addHelpText('after', `\nExample: ${invocation} keys trust release --prefix thermo`)
    .action((name: string, options: { key?: string; prefix: string; rights: string }) => {
      const key =
        options.key === undefined
          ? Buffer.from(store.load(name).publicKey).toString('hex')
          : parsePublicKey(options.key);
      store.trust({ name, key, prefix: options.prefix, rights: parseRights(options.rights) });
      output.result({ trusted: store.trusted() });
      output.line(`${name} is trusted from a board's next provisioning on (${invocation} flash BOARD).`);
    });

  command
    .command('distrust')
    .argument('<key>')
    .description('stop trusting a key')
    .addHelpText('after', `\nExample: ${invocation} keys distrust release`)
    .action((name: string) => {
      store.distrust(name);
      output.result({ trusted: store.trusted() });
      output.line(`${name} is no longer trusted from a board's next provisioning on.`);
    });

  command
    .command('rotate')
    .argument('<key>')
    .description('replace a key by a new one of the same name and trust; the old private key is kept aside')
    .addHelpText('after', `\nExample: ${invocation} keys rotate release`)
    .action((name: string) => {
      const old = store.load(name);
      const mark = createHash('sha256').update(old.publicKey).digest('hex').slice(0, 8);
      store.rotate(name, `${name}-${mark}`);
      show(name);
      output.note(
        `The old key is kept as ${name}-${mark}. Provision boards again: ${invocation} flash BOARD.`,
      );
    });
};

export default keys;
