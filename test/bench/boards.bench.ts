/** What a board can take: flash, copies of an atom, answers while an atom spins, many clients on a bad line. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCoapContext, createHop, runLoad } from '@radon/bridge/coap';
import { createSigner, publicKeyBytes, sha256 } from '@radon/bridge/crypto';
import { pushImage } from '@radon/bridge/device';
import { decodeFields } from '@radon/bridge/fields';
import { decodeImage, encodeImage, keyId, type Manifest, signManifest } from '@radon/bridge/image';
import {
  createReconnectingLink,
  openStreamLink,
  openUdpClient,
  openUdpServer,
  serialTiming,
} from '@radon/bridge/link';
import { RadonError } from '@radon/bridge/problem';
import { abiVersion, contentFormat, method } from '@radon/bridge/tables';
import { type BuiltAtom, buildAtom, openWorkspace, readAtomProject } from '@radon/toolchain';
import { afterEach, expect, test } from 'vitest';
import { type NodeUnderTest, openNode } from '../conformance/nodes.ts';
import { builtAtom } from '../support/built-atoms.ts';
import { openRelay } from '../support/lossy-relay.ts';
import { median, recordFigure, recordGoal } from './goals.mjs';

const root = new URL('../..', import.meta.url).pathname;
const baud = 115_200;
const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function openBoard(): Promise<NodeUnderTest> {
  const board = await openNode('emulated');
  ends.push(() => board.close());
  return board;
}

function imageOf(board: NodeUnderTest, built: BuiltAtom, name: string) {
  if (built.need === undefined) throw new Error('not measured');
  const manifest: Manifest = {
    name,
    version: built.version,
    sequence: board.nextSequence(),
    abi: abiVersion,
    board: 'any',
    configuration: built.configuration,
    payloads: [{ format: 'wasm', digest: built.digest, size: built.wasm.length, need: built.need }],
  };
  const kid = keyId(publicKeyBytes(board.signingKey), sha256);
  const file = signManifest(manifest, kid, createSigner(board.signingKey));
  return decodeImage(encodeImage(file, built.wasm), sha256);
}

async function read(board: NodeUnderTest, path: readonly string[]) {
  const request = {
    method: method.GET,
    path,
    query: [],
    payload: new Uint8Array(0),
    accept: contentFormat.CBOR,
  };
  return decodeFields((await board.node.request(request)).payload) as Record<string, never>;
}

test('firmware in flash', () => {
  const { flash } = JSON.parse(readFileSync(join(root, 'firmware/build/netduinoplus2/sizes.json'), 'utf8'));
  recordGoal({
    name: 'firmware in flash',
    value: flash.used,
    unit: 'bytes',
    goal: 192 * 1024,
    bound: 'most',
  });
  expect(flash.used).toBeGreaterThan(0);
});

test('copies of rain with 1 KiB memory each, running at once', async () => {
  const board = await openBoard();
  const rain = await builtAtom('rain');
  expect(rain.configuration.limits.memory).toBe(1024);
  let copies = 0;
  for (; copies < 16; copies += 1) {
    try {
      await pushImage(board.node, imageOf(board, rain, `rain-${copies + 1}`));
    } catch (error) {
      if (!(error instanceof RadonError)) throw error;
      recordFigure('the next copy is refused with', error.code);
      break;
    }
  }
  const atoms = (await read(board, ['atoms'])) as unknown as readonly {
    phase: string;
    memory: { load: number; run: number; used: number };
  }[];
  const running = atoms.filter((atom) => atom.phase === 'SUSPENDED');
  recordGoal({
    name: 'copies of rain at once',
    value: running.length,
    unit: 'atoms',
    goal: 10,
    bound: 'least',
  });
  const used = running.map((atom) => atom.memory.used);
  const off = Math.max(...used.map((bytes) => Math.abs(bytes - (rain.need?.run ?? 0))));
  recordGoal({ name: 'predicted need minus used', value: off, unit: 'bytes', goal: 0, bound: 'most' });
}, 60_000);

test('GET /node while an atom spins until its deadline', async () => {
  const board = await openBoard();
  await pushImage(board.node, imageOf(board, await builtAtom('faulty'), 'faulty'));
  const ask = async () => {
    const began = performance.now();
    await read(board, ['node']);
    return performance.now() - began;
  };
  const idle: number[] = [];
  const busy: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    for (let i = 0; i < 10; i += 1) idle.push(await ask());
    let spinning = true;
    const path = ['a', 'faulty', 'spin'];
    const spin = board.node
      .request({ method: method.GET, path, query: [], payload: new Uint8Array(0) })
      .then(() => {
        spinning = false;
      });
    while (spinning) {
      const took = await ask();
      if (spinning) busy.push(took);
    }
    await spin;
    const start = new TextEncoder().encode('{"command":"start"}');
    await board.node.request({
      method: method.POST,
      path: ['atoms', 'faulty'],
      query: [],
      payload: start,
      contentFormat: contentFormat.JSON,
    });
  }
  expect(busy.length).toBeGreaterThan(10);
  recordFigure('GET /node, idle median', Number(median(idle).toFixed(2)), 'ms');
  recordFigure('GET /node, median while an atom spins', Number(median(busy).toFixed(2)), 'ms');
  recordGoal({
    name: 'GET /node while spinning, times idle',
    value: Number((median(busy) / median(idle)).toFixed(2)),
    unit: '×',
    goal: 2,
    bound: 'most',
  });
}, 120_000);

test('a deadline that does not fire', async () => {
  const board = await openBoard();
  const kernel = await buildAtom(readAtomProject(join(root, 'test/bench/atoms/kernel')), {
    measure: openWorkspace(root),
  });
  const { configuration } = kernel;
  const limits = { ...configuration.limits, deadlineMs: 2000 };
  const near = { ...kernel, configuration: { ...configuration, limits } };
  await pushImage(board.node, imageOf(board, kernel, 'far'));
  await pushImage(board.node, imageOf(board, near, 'near'));
  const took = async (atom: string) => {
    const request = { method: method.GET, path: ['a', atom, 'run'], query: [], payload: new Uint8Array(0) };
    return Number(new TextDecoder().decode((await board.node.request(request)).payload));
  };
  const times: Record<'far' | 'near', number[]> = { far: [], near: [] };
  for (let round = 0; round < 5; round += 1) {
    times.far.push(await took('far'));
    times.near.push(await took('near'));
  }
  recordFigure('kernel, deadline 10 s away', median(times.far), 'ms of the board');
  const ratio = Number((median(times.near) / median(times.far)).toFixed(3));
  recordGoal({ name: 'the same with a deadline of 2 s', value: ratio, unit: '×', goal: 1.01, bound: 'most' });
  expect(ratio).toBeGreaterThan(0);
}, 120_000);

/** Emulated time is counted in instructions, one a nanosecond (toolchain/src/emulator/qemu.ts). */
test('messages between two atoms on a board', async () => {
  const board = await openBoard();
  const volley = await buildAtom(readAtomProject(join(root, 'test/bench/atoms/volley')), {
    measure: openWorkspace(root),
  });
  const rounds = 1000;
  for (const name of ['volley-a', 'volley-b']) await pushImage(board.node, imageOf(board, volley, name));
  const ask = async (path: string) => {
    const request = {
      method: method.GET,
      path: ['a', 'volley-a', path],
      query: [],
      payload: new Uint8Array(0),
    };
    return Number(new TextDecoder().decode((await board.node.request(request)).payload));
  };
  const counters = async () =>
    ((await read(board, ['node'])) as { counters?: Record<string, number> }).counters ?? {};
  const before = await counters();
  await ask('run');
  let milliseconds = 0;
  while (milliseconds === 0) milliseconds = await ask('took');
  const instructions = Math.round((milliseconds * 1e6) / (2 * rounds));
  recordFigure('send, deliver and handle 16 bytes on a board', instructions, 'instructions');
  const after = await counters();
  expect(after.localMessages).toBe(2 * rounds);
  expect(after.remoteMessages).toBe(before.remoteMessages);
}, 120_000);

test('12 clients, 15 rounds, 115200 baud, one byte in 2,000 lost', async () => {
  const board = await openBoard();
  const { socket } = board;
  if (socket === undefined) throw new Error('an emulated board has a socket');
  await board.node.close();
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
  const relay = await openRelay({ path: `${socket}.line`, to: socket, baud, lossOneIn: 2000, random });
  ends.push(() => relay.close());
  const open = () => openStreamLink({ to: `${socket}.line`, baud });
  const upstream = createCoapContext(createReconnectingLink('line', open, { timing: serialTiming(baud) }));
  ends.push(() => upstream.close());
  const port = await openUdpServer({ host: '127.0.0.1', port: 0 });
  const hop = createHop(port, upstream, { name: 'subject' });
  ends.push(() => hop.close());
  const result = await runLoad({
    connect: async () => createCoapContext(await openUdpClient({ host: '127.0.0.1', port: port.localPort })),
    request: { method: method.GET, path: ['node'] },
    clients: 12,
    rounds: 15,
  });
  recordFigure('bytes lost on the line', relay.counters.lost);
  recordFigure('answers per second, 12 clients', Number(result.perSecond.toFixed(1)));
  recordFigure('median answer, 12 clients', Math.round(result.latency.p50), 'ms');
  recordGoal({
    name: 'retransmissions on the lossy line',
    value: upstream.counters.retransmissions,
    unit: '',
    goal: 1,
    bound: 'least',
  });
  recordGoal({ name: 'requests without an answer', value: result.lost, unit: '', goal: 0, bound: 'most' });
}, 180_000);
