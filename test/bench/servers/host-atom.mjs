/**
 * The bridge with its host node: an atom that echoes, a plain handler that does the same behind the same server, and two
 * atoms that send one message to and fro. Tells how many messages were delivered when asked for its usage.
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSigner, publicKeyBytes, sha256 } from '@radon/bridge/crypto';
import { decodeFields, toHex } from '@radon/bridge/fields';
import { keyId, signManifest } from '@radon/bridge/image';
import { createBridge } from '@radon/bridge/server';
import { abiVersion, contentFormat, method } from '@radon/bridge/tables';
import binaryen from 'binaryen';

const head = `(memory (export "memory") 1)
  (global (export "__data_end") i32 (i32.const 256)) (global (export "__heap_base") i32 (i32.const 1024))`;

/** Answers with the query. */
const echo = `(module
  (import "radon" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
  (import "radon" "reply" (func $reply (param i32 i32 i32 i32 i32) (result i32)))
  ${head}
  (func (export "on_request") (result i32)
    (drop (call $reply (i32.const 0) (i32.const 69) (i32.const 0) (i32.const 256)
      (call $event_read (i32.const 18) (i32.const 256) (i32.const 64))))
    (i32.const 0)))`;

/** Sends every message on to another atom. */
const relay = (to) => `(module
  (import "radon" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
  (import "radon" "send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
  ${head} (data (i32.const 8) "${to}")
  (func (export "on_message") (result i32)
    (drop (call $send (i32.const 8) (i32.const ${to.length}) (i32.const 256)
      (call $event_read (i32.const 19) (i32.const 256) (i32.const 64)) (i32.const 0)))
    (i32.const 0)))`;

function assemble(text) {
  const module = binaryen.parseText(text);
  const code = module.emitBinary();
  module.dispose();
  return code;
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = publicKeyBytes(publicKey);

function manifestOf(name, code) {
  const limits = {
    memory: 1024,
    stack: 512,
    deadlineMs: 100,
    storage: 0,
    timers: 0,
    pending: 8,
    body: 64,
    publish: 0,
  };
  return {
    name,
    version: '1',
    sequence: 1,
    abi: abiVersion,
    board: 'any',
    configuration: {
      kind: 'daemon',
      recovery: 'none',
      limits: { ...limits, inbox: { messages: 32, bytes: 4096, waitMs: 5000 } },
      replyWithinMs: 5000,
      send: ['ping|pong'],
      resources: [{ path: 'do' }],
    },
    payloads: [
      {
        format: 'wasm',
        digest: sha256(code),
        size: code.length,
        need: { load: 4096, run: 4096, engine: '00000000' },
      },
    ],
  };
}

async function push(node, name, text) {
  const code = assemble(text);
  const payload = signManifest(manifestOf(name, code), keyId(key, sha256), createSigner(privateKey));
  const put = (path, body, format) =>
    node.request({ method: method.PUT, path, query: [], payload: body, contentFormat: format });
  await put(['atoms', name], payload, contentFormat.COSE_SIGN1);
  const { code: answer } = await put(['images', toHex(sha256(code))], code, contentFormat.OCTET_STREAM);
  if (answer !== 65) throw new Error(`${name} was not taken: ${answer}`);
}

/** What an atom is compared with: the same answer from a function. */
const plain = {
  name: 'plain',
  request: async ({ query }) => ({
    code: 69,
    contentFormat: 0,
    maxAge: 0,
    payload: Buffer.from(query.join('&')),
  }),
  observe: () => ({ close: () => undefined }),
  state: () => ({ name: 'plain', kind: 'host', link: 'up', address: 'worker', since: 0 }),
  watch: () => () => undefined,
  close: async () => undefined,
};

const folder = mkdtempSync(join(tmpdir(), 'radon-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
process.once('SIGTERM', () => process.exit());
process.once('disconnect', () => process.exit());
const bridge = await createBridge({
  radonFolder: folder,
  port: 0,
  coapPort: 0,
  emulatedBoards: false,
  hostNode: {
    id: new Uint8Array(8),
    dataFolder: join(folder, 'node'),
    keys: [{ key, prefix: '', rights: 7 }],
  },
});
bridge.registry.add(plain);
const node = bridge.registry.get('bridge');
await push(node, 'echo', echo);
await push(node, 'ping', relay('pong'));
await push(node, 'pong', relay('ping'));

async function messages() {
  const { payload } = await node.request({
    method: method.GET,
    path: ['node'],
    query: [],
    payload: new Uint8Array(0),
  });
  return decodeFields(payload).counters.localMessages;
}

async function play() {
  const payload = new TextEncoder().encode('sixteen bytes...');
  await node.request({ method: method.POST, path: ['m', 'ping'], query: [], payload });
}

function usage() {
  const { user, system } = process.cpuUsage();
  return { cpuUs: user + system };
}

const answers = { usage, messages: async () => ({ messages: await messages() }), play };
process.on('message', async (asked) => process.send((await answers[asked]()) ?? {}));
process.send({ port: Number(new URL(bridge.url).port) });
