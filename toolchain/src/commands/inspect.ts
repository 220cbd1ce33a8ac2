import { readFileSync } from 'node:fs';
import { sha256, verifyEd25519 } from '@radon/bridge/crypto';
import { stringifyFields } from '@radon/bridge/fields';
import { decodeImage, type Image, keyId, verifySign1 } from '@radon/bridge/image';
import { describeBlock } from '../build/block-bytes.ts';
import { describeModule } from '../build/describe.ts';
import { type CommandModule, invocation } from '../command-line.ts';
import { CommandFailure, unreadableFile } from '../failure.ts';
import { openKeyStore } from '../keys/key-store.ts';
import { formatBytes } from '../output.ts';
import type { Workspace } from '../workspace.ts';

const wasmMagic = '0061736d';

/** Who signed an image, as far as the keys known here can tell. */
function signatureOf(image: Image, workspace: Workspace): { kid: string; key?: string; valid?: boolean } {
  const kid = Buffer.from(image.sign1.kid).toString('hex');
  const store = openKeyStore(workspace);
  const known = [
    ...store.trusted().map(({ name, key }) => ({ name, publicKey: new Uint8Array(Buffer.from(key, 'hex')) })),
    ...store.list().map((name) => store.load(name)),
  ];
  const key = known.find(({ publicKey }) => Buffer.from(keyId(publicKey, sha256)).toString('hex') === kid);
  if (key === undefined) return { kid };
  return { kid, key: key.name, valid: verifySign1(image.sign1, key.publicKey, sha256, verifyEd25519) };
}

function readBytes(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw unreadableFile(file, cause);
  }
}

/** An image is a COSE_Sign1 in front of the code (docs/reference/wire.md); anything else is said to be none. */
function readImage(file: string, bytes: Uint8Array): Image {
  try {
    return decodeImage(bytes, sha256);
  } catch (cause) {
    const reason = cause instanceof Error ? ` ${cause.message}` : '';
    throw new CommandFailure(`${file} is no .atom or .wasm file.${reason}`, {
      remedy: 'radon sign NAME writes a .atom file.',
      cause,
    });
  }
}

const inspect: CommandModule = (program, { workspace, output }) => {
  const showModule = (wasm: Uint8Array) => {
    const module = describeModule(wasm);
    output.line(
      `code       ${formatBytes(wasm.length)} (code ${module.sizes.code}, data ${module.sizes.data} bytes)`,
    );
    output.line(
      `imports    ${module.imports.map((entry) => `${entry.module}.${entry.name}`).join(', ') || 'none'}`,
    );
    output.line(`exports    ${module.exports.join(', ')}`);
    return module;
  };
  program
    .command('inspect')
    .description('Manifest, imports, exports, sizes, RAM need and signature of a .atom or .wasm file.')
    .argument('<file>')
    .addHelpText('after', `\nExample: ${invocation} inspect .radon/build/rain/rain.atom`)
    .action((file: string) => {
      const bytes = readBytes(file);
      if (Buffer.from(bytes.subarray(0, 4)).toString('hex') === wasmMagic) {
        output.result({ module: showModule(bytes) });
        return;
      }
      const image = readImage(file, bytes);
      const signature = signatureOf(image, workspace);
      const { manifest } = image;
      const verdict =
        signature.valid === undefined
          ? 'by a key not known here'
          : signature.valid
            ? `valid, by ${signature.key}`
            : 'NOT VALID';
      output.line(
        `atom       ${manifest.name} ${manifest.version}, sequence ${manifest.sequence}, interface ${manifest.abi}, for ${manifest.board}`,
      );
      output.line(`signature  ${verdict} (kid ${signature.kid})`);
      for (const { digest, size, need } of manifest.payloads) {
        output.line(
          `payload    ${Buffer.from(digest).toString('hex')}  ${size} bytes, for engine ${need.engine}`,
        );
        output.line(`needs      ${describeBlock(need, manifest.configuration)}`);
      }
      output.line(`settings   ${stringifyFields(manifest.configuration as never)}`);
      const module = showModule(image.code);
      output.result({ manifest: JSON.parse(stringifyFields(manifest as never)), signature, module });
    });
};

export default inspect;
