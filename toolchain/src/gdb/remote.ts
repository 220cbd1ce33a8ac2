import { connect, type Socket } from 'node:net';
import { unreachable } from '../failure.ts';
import { createPacketReader, encodePacket, type GdbEvent } from './packet.ts';

/** A debug stub (QEMU, Renode, OpenOCD, probe-rs) reached over TCP or a unix socket. */
export interface GdbRemote {
  /** Sends one packet and resolves with the reply. */
  command(data: string | Uint8Array): Promise<Buffer>;
  /** Monitor command (`qRcmd`); resolves with the text the stub printed. */
  monitor(text: string): Promise<string>;
  readMemory(address: number, length: number): Promise<Buffer>;
  /** Writes memory or flash, whichever the stub says lies there. */
  write(address: number, bytes: Uint8Array, progress?: (done: number) => void): Promise<void>;
  /** Resets the machine, whatever the debug server calls that. */
  reset(): Promise<void>;
  /** Leaves: the machine runs on, or stands still when `halted`. */
  close(halted?: boolean): void;
}

export type GdbAddress = { readonly path: string } | { readonly host: string; readonly port: number };

interface FlashRegion {
  readonly start: number;
  readonly length: number;
  readonly blockSize: number;
}

const replyTimeoutMs = 10_000;

function openSocket(address: GdbAddress): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = 'path' in address ? connect(address.path) : connect(address.port, address.host);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** One request at a time, replies in order, acknowledgements until `QStartNoAckMode` was accepted. */
function createExchange(socket: Socket): (data: Uint8Array) => Promise<Buffer> {
  const read = createPacketReader();
  let acknowledge = true;
  let waiting:
    | { resolve(reply: Buffer): void; reject(error: Error): void; sent: Buffer; console: Buffer[] }
    | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  const fail = (error: Error) => {
    waiting?.reject(error);
    waiting = undefined;
  };
  const handle = (event: GdbEvent) => {
    if (event.kind === 'nak') {
      if (waiting !== undefined) socket.write(waiting.sent);
      return;
    }
    if (event.kind === 'corrupt') {
      socket.write('-');
      return;
    }
    if (event.kind === 'ack') return;
    if (acknowledge) socket.write('+');
    if (event.data[0] === 0x4f && event.data.length > 1 && event.data.toString('latin1', 0, 2) !== 'OK') {
      waiting?.console.push(event.data);
      return;
    }
    const current = waiting;
    waiting = undefined;
    current?.resolve(Buffer.concat([...current.console.map(consoleText), event.data]));
  };
  socket.on('data', (chunk: Buffer) => {
    for (const event of read(chunk)) handle(event);
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the debug stub closed the connection')));

  const once = (data: Uint8Array) =>
    new Promise<Buffer>((resolve, reject) => {
      const sent = encodePacket(data);
      const timer = setTimeout(() => fail(new Error('the debug stub does not answer')), replyTimeoutMs);
      waiting = {
        sent,
        console: [],
        resolve(reply) {
          clearTimeout(timer);
          if (data.length > 15 && Buffer.from(data).toString('latin1') === 'QStartNoAckMode')
            acknowledge = false;
          resolve(reply);
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
      };
      socket.write(sent);
    });
  return (data) => {
    const result = queue.then(() => once(data));
    queue = result.catch(() => undefined);
    return result;
  };
}

/** `O<hex>` console packets hold text. */
function consoleText(packet: Buffer): Buffer {
  return Buffer.from(packet.toString('latin1', 1), 'hex');
}

/** Parses the regions of type flash in a memory map (`qXfer:memory-map:read`). */
export function parseFlashRegions(xml: string): FlashRegion[] {
  const regions: FlashRegion[] = [];
  for (const match of xml.matchAll(/<memory\s+type="flash"([^>]*)>([\s\S]*?)<\/memory>/g)) {
    const attribute = (name: string) => Number(new RegExp(`${name}="([^"]+)"`).exec(match[1] ?? '')?.[1]);
    const blockSize = Number(/name="blocksize"[^>]*>\s*([^<\s]+)/.exec(match[2] ?? '')?.[1]);
    const region = { start: attribute('start'), length: attribute('length'), blockSize };
    if (Object.values(region).every(Number.isFinite)) regions.push(region);
  }
  return regions;
}

function expectOk(reply: Buffer, what: string): void {
  const text = reply.toString('latin1');
  if (!text.startsWith('OK')) throw new Error(`${what}: the debug stub answered ${JSON.stringify(text)}`);
}

/** Opens a debug stub. Throws `CommandFailure` (exit 3) when nothing listens there. */
export async function openGdbRemote(address: GdbAddress): Promise<GdbRemote> {
  let socket: Socket;
  try {
    socket = await openSocket(address);
  } catch (cause) {
    const where = 'path' in address ? address.path : `${address.host}:${address.port}`;
    throw unreachable(
      `Nothing answers the GDB protocol at ${where}.`,
      'Start the board or its debug server first.',
      cause,
    );
  }
  const exchange = createExchange(socket);
  const command = (data: string | Uint8Array) =>
    exchange(typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
  const features = (await command('qSupported:xmlRegisters=arm')).toString('latin1');
  if (features.includes('QStartNoAckMode+')) await command('QStartNoAckMode');
  const packetSize = Number.parseInt(/PacketSize=([0-9a-f]+)/i.exec(features)?.[1] ?? '400', 16);
  const flash = features.includes('qXfer:memory-map:read+') ? await readFlashMap(command) : [];
  // QEMU before 9 knows only the hexadecimal form; an empty write asks (GDB manual, packet X).
  const binary = (await command('X0,0:')).toString('latin1') === 'OK';
  // A byte takes two characters in hexadecimal and may need an escape in binary; 32 cover the command and its address.
  const chunkSize = Math.max(64, Math.floor((packetSize - 32) / 2));

  return {
    command,
    async monitor(text) {
      const reply = await command(monitorPacket(text));
      const printed = reply.toString('latin1');
      if (/^E\d\d$/.test(printed)) throw new Error(`monitor ${text}: ${printed}`);
      return printed.replace(/OK$/, '');
    },
    async readMemory(start, length) {
      const parts: Buffer[] = [];
      for (let at = 0; at < length; at += chunkSize) {
        const size = Math.min(chunkSize, length - at);
        const hex = (await command(`m${(start + at).toString(16)},${size.toString(16)}`)).toString('latin1');
        if (hex.startsWith('E')) throw new Error(`reading 0x${(start + at).toString(16)}: ${hex}`);
        parts.push(Buffer.from(hex, 'hex'));
      }
      return Buffer.concat(parts);
    },
    async write(start, bytes, progress) {
      const region = flash.find((r) => start >= r.start && start < r.start + r.length);
      if (region !== undefined) await eraseFlash(command, region, start, bytes.length);
      for (let at = 0; at < bytes.length; at += chunkSize) {
        const chunk = bytes.subarray(at, at + chunkSize);
        const where = (start + at).toString(16);
        const packet = region === undefined ? memoryWrite(where, chunk, binary) : flashWrite(where, chunk);
        expectOk(await command(packet), `writing 0x${where}`);
        progress?.(at + chunk.length);
      }
      if (region !== undefined) expectOk(await command('vFlashDone'), 'ending the flash operation');
    },
    async reset() {
      // QEMU knows `system_reset`; OpenOCD and probe-rs know `reset`. An unknown monitor command only prints a line.
      await command(monitorPacket('system_reset'));
      await command(monitorPacket('reset halt'));
    },
    close(halted = false) {
      if (!halted) socket.write(encodePacket(Buffer.from('D')));
      socket.end();
    },
  };
}

function flashWrite(where: string, chunk: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`vFlashWrite:${where}:`, 'latin1'), chunk]);
}

function memoryWrite(where: string, chunk: Uint8Array, binary: boolean): Buffer {
  const head = `${where},${chunk.length.toString(16)}:`;
  if (binary) return Buffer.concat([Buffer.from(`X${head}`, 'latin1'), chunk]);
  return Buffer.from(`M${head}${Buffer.from(chunk).toString('hex')}`, 'latin1');
}

const monitorPacket = (text: string) => `qRcmd,${Buffer.from(text).toString('hex')}`;

async function readFlashMap(command: GdbRemote['command']): Promise<FlashRegion[]> {
  let xml = '';
  for (;;) {
    const part = (await command(`qXfer:memory-map:read::${xml.length.toString(16)},800`)).toString('latin1');
    xml += part.slice(1);
    if (!part.startsWith('m') || part.length === 1) return parseFlashRegions(xml);
  }
}

/** `vFlashErase` wants whole blocks. */
async function eraseFlash(command: GdbRemote['command'], region: FlashRegion, start: number, length: number) {
  const first = start - ((start - region.start) % region.blockSize);
  const end = Math.ceil((start + length - region.start) / region.blockSize) * region.blockSize + region.start;
  expectOk(await command(`vFlashErase:${first.toString(16)},${(end - first).toString(16)}`), 'erasing flash');
}
