import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createSigner, publicKeyBytes, sha256 } from '@radon/bridge/crypto';
import {
  type Configuration,
  decodeImage,
  encodeImage,
  type Image,
  keyId,
  keyRight,
  type Manifest,
  signManifest,
  type TrustedKey,
} from '@radon/bridge/image';
import { abiVersion } from '@radon/bridge/tables';
import binaryen from 'binaryen';

/** Functions of the runtime interface in text form, to be put in front of a module's own fields. */
const imports: Readonly<Record<string, string>> = {
  event_get: '(param i32) (result i32)',
  event_read: '(param i32 i32 i32) (result i32)',
  reply: '(param i32 i32 i32 i32 i32) (result i32)',
  publish: '(param i32 i32 i32 i32 i32 i32) (result i32)',
  notify: '(param i32 i32) (result i32)',
  send: '(param i32 i32 i32 i32 i32) (result i32)',
  spawn: '(param i32 i32 i32 i32) (result i32)',
  kv_get: '(param i32 i32 i32 i32) (result i32)',
  kv_set: '(param i32 i32 i32 i32) (result i32)',
  timer_set: '(param i32 i32 i32) (result i32)',
  random: '(param i32 i32) (result i32)',
  io_watch: '(param i32 i32) (result i32)',
  io_write: '(param i32 f64) (result i32)',
  exit: '(param i32) (result i32)',
  log: '(param i32 i32 i32) (result i32)',
};

export const atomMemory = 1024;

/** A module in text form whose `call $NAME` of runtime functions are imported, with the exports every node wants. */
export function assembleAtom(body: string, otherImports = ''): Uint8Array {
  const used = Object.entries(imports).filter(([name]) => new RegExp(`\\$${name}\\b`).test(body));
  const declared = used.map(([name, type]) => `(import "radon" "${name}" (func $${name} ${type}))`);
  const text = `(module ${otherImports} ${declared.join('\n')}
    (memory (export "memory") 1)
    (global $state (mut i32) (i32.const 0))
    (global (export "__data_end") i32 (i32.const 512))
    (global (export "__heap_base") i32 (i32.const ${atomMemory}))
    ${body})`;
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(binaryen.Features.All);
    // A setting of the whole thread, which the AssemblyScript compiler leaves on.
    binaryen.setDebugInfo(false);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

export interface TestSigner {
  readonly privateKey: KeyObject;
  readonly trusted: TrustedKey;
}

export function createTestSigner(
  prefix = '',
  rights: number = keyRight.deploy | keyRight.control,
): TestSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { privateKey, trusted: { key: publicKeyBytes(publicKey), prefix, rights } };
}

export type ConfigurationParts = Partial<Omit<Configuration, 'limits'>> & {
  readonly limits?: Partial<Configuration['limits']>;
};

export function testConfiguration({ limits, ...parts }: ConfigurationParts = {}): Configuration {
  return {
    kind: 'daemon',
    recovery: 'none',
    replyWithinMs: 5000,
    ...parts,
    limits: {
      memory: atomMemory,
      stack: 1024,
      deadlineMs: 100,
      storage: 512,
      timers: 2,
      pending: 2,
      body: 256,
      publish: 256,
      inbox: { messages: 4, bytes: 512, waitMs: 5000 },
      ...limits,
    },
  };
}

/** A signed image of a module. */
export function testImage(
  signer: TestSigner,
  code: Uint8Array,
  parts: ConfigurationParts & Partial<Pick<Manifest, 'name' | 'sequence' | 'board' | 'abi'>> = {},
): Image {
  const { name = 'probe', sequence = 1, board = 'any', abi = abiVersion, ...configuration } = parts;
  const need = { load: 4096, run: 8192, engine: '00000000' };
  const manifest: Manifest = {
    name,
    version: '1',
    sequence,
    abi,
    board,
    configuration: testConfiguration(configuration),
    payloads: [{ format: 'wasm', digest: sha256(code), size: code.length, need }],
  };
  const file = signManifest(manifest, keyId(signer.trusted.key, sha256), createSigner(signer.privateKey));
  return decodeImage(encodeImage(file, code), sha256);
}
