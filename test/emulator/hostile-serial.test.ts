import { encodeMessage, option, ParsedMessage, parseMessage } from '@radon/bridge/coap';
import { decodeFields } from '@radon/bridge/fields';
import { encodeFrame } from '@radon/bridge/link';
import { contentFormat, method } from '@radon/bridge/tables';
import { type EmulatedBoard, stopEmulatedBoard } from '@radon/toolchain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/deadline.ts';
import { bytesOfHex, describeMessage, hostileMessages, pingMessage } from '../support/malformed.ts';
import { createRandom, randomBytes, testSeed } from '../support/random.ts';
import { openSerialLine, type SerialLine } from '../support/serial-line.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

const END = 0xc0;
const ESC = 0xdb;
const pingId = 0x7001;
/** An emulator takes about 50 µs of a free machine for each byte. */
const patienceMs = 30_000;

/** What came over the line before good frames come again, and how many bad frames the board counts at least. */
const noise: readonly { title: string; bytes: () => Uint8Array; bad: number }[] = [
  { title: 'a frame with a wrong FCS', bytes: () => spoiled(encodeFrame(pingMessage(0x1111))), bad: 1 },
  { title: 'half a frame', bytes: () => encodeFrame(pingMessage(0x2222)).subarray(0, 5), bad: 1 },
  { title: 'a frame of 20,000 bytes', bytes: () => frame(new Uint8Array(20_000).fill(0x41)), bad: 1 },
  {
    title: 'a frame that ends within an escape',
    bytes: () => frame(Uint8Array.of(0x40, 0, 1, 2, ESC)),
    bad: 1,
  },
  { title: 'an escape of nothing', bytes: () => frame(Uint8Array.of(0x40, ESC, 0x41, 0, 1, 2)), bad: 1 },
  { title: 'a frame without a message', bytes: () => frame(new Uint8Array(0)), bad: 1 },
  { title: 'empty frames', bytes: () => new Uint8Array(5_000).fill(END), bad: 0 },
  { title: 'diagnostic text', bytes: () => Buffer.from('\xc0\nhello board\x1b[2J\xc0', 'latin1'), bad: 0 },
  { title: 'a kind of frame nobody knows', bytes: () => Uint8Array.of(END, 0x45, 1, 2, 3, END), bad: 0 },
  { title: 'a line that is stuck', bytes: () => new Uint8Array(30_000), bad: 0 },
];

function frame(content: Uint8Array): Uint8Array {
  return Uint8Array.of(END, 0xa9, ...content, END);
}

function spoiled(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length - 2] = (copy[copy.length - 2] ?? 0) ^ 1;
  return copy;
}

interface NodeDocument {
  readonly uptimeMs: number;
  readonly reset: string;
  readonly safeMode: boolean;
  readonly counters: { readonly framesBad: number };
}

describe('a serial line that carries what it should not', () => {
  let project: TestProject;
  let board: EmulatedBoard;
  let line: SerialLine;
  let messageId = 0x0100;

  beforeAll(async () => {
    project = await openTestProject();
    const bridge = await project.openBridge();
    board = await project.startBoard('gauge');
    await project.push(await project.node('gauge'), 'rain');
    await bridge.close();
    line = await openSerialLine(board.socket);
  });
  afterAll(async () => {
    line?.close();
    await project?.close();
  });

  /** The answer to a ping; answers to what random bytes happened to say come before it. */
  async function ping(): Promise<void> {
    line.send(pingMessage(pingId));
    await eventually(
      'the answer to a ping',
      async () => describeMessage(await line.receive(patienceMs)) === 'RST 7001',
      patienceMs,
    );
  }

  async function read(...path: string[]): Promise<unknown> {
    messageId += 1;
    const options = [
      ...path.map((segment) => ({ number: option.uriPath, value: new TextEncoder().encode(segment) })),
      { number: option.accept, value: Uint8Array.of(contentFormat.CBOR) },
    ];
    line.send(encodeMessage({ type: 0, code: method.GET, messageId, options }));
    const answer = await line.receive();
    expect(describeMessage(answer)).toBe(`2.05 ${messageId.toString(16).padStart(4, '0')}`);
    const parsed = new ParsedMessage();
    parseMessage(answer, parsed);
    return decodeFields(answer.subarray(parsed.payloadStart));
  }

  const readNode = async () => (await read('node')) as unknown as NodeDocument;

  async function expectUnharmed(before: NodeDocument): Promise<NodeDocument> {
    await ping();
    const after = await readNode();
    expect(after).toMatchObject({ reset: 'power', safeMode: false });
    expect(after.uptimeMs).toBeGreaterThanOrEqual(before.uptimeMs);
    await expect.poll(() => read('atoms', 'rain')).toMatchObject({ phase: 'SUSPENDED', restarts: 0 });
    return after;
  }

  it.each(noise)('$title: the next message is understood', async ({ bytes, bad }) => {
    const before = await readNode();
    line.write(bytes());
    const after = await expectUnharmed(before);
    expect(after.counters.framesBad - before.counters.framesBad).toBe(bad);
  });

  it('random bytes, 32 KiB of them: the next message is understood', async () => {
    const random = createRandom(testSeed('random bytes on the serial line'));
    const before = await readNode();
    for (let round = 0; round < 8; round += 1) line.write(randomBytes(random, 4096));
    await expectUnharmed(before);
  });

  it.each(hostileMessages)('a good frame with $title: $answer', async ({ hex, answer }) => {
    line.send(bytesOfHex(hex));
    if (answer !== 'silence') expect(describeMessage(await line.receive())).toBe(`${answer} 1234`);
    line.send(pingMessage(pingId));
    expect(describeMessage(await line.receive())).toBe('RST 7001');
  });

  it('bytes that are cut off by a new connection do not hurt it', async () => {
    line.write(encodeFrame(pingMessage(1)).subarray(0, 4));
    line.close();
    line = await openSerialLine(board.socket);
    await ping();
  });

  it('leaves a board that can still be stopped', async () => {
    line.close();
    await stopEmulatedBoard(project.workspace, board);
  });
});
