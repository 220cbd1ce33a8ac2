/** libcoap's command line client. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createMailbox, within } from './deadline.ts';
import { libcoap } from './peers.ts';

export interface CoapAnswer {
  /** Codes of all responses, such as `2.05`, in the order they came. */
  readonly codes: readonly string[];
  /** Blocks received, by their Block2 option. */
  readonly blocks: number;
  /** The body, or all notifications one after the other. */
  readonly body: Buffer;
  readonly log: string;
}

/** Runs the client to its end. */
export async function coapClient(uri: string, ...options: string[]): Promise<CoapAnswer> {
  const folder = mkdtempSync(join(tmpdir(), 'radon-coap-'));
  const file = join(folder, 'body');
  const child = spawn(libcoap.command, ['-v', '7', '-B', '15', '-o', file, ...options, uri]);
  try {
    const log: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => log.push(bytes));
    await within(`coap-client ${options.join(' ')} ${uri}`, 20_000, once(child, 'close'));
    return readLog(
      Buffer.concat(log).toString('latin1'),
      existsSync(file) ? readFileSync(file) : Buffer.alloc(0),
    );
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

export interface CoapObserver {
  /** The next notification. */
  next(): Promise<string>;
  close(): Promise<void>;
}

/** Observes until it is closed; bodies must be single lines. */
export function coapObserve(uri: string, ...options: string[]): CoapObserver {
  const lines = createMailbox<string>(`a notification of ${uri}`);
  // stdbuf: the client prints each notification at once only to a terminal.
  const child = spawn('stdbuf', ['-oL', libcoap.command, '-w', '-s', '60', '-B', '90', ...options, uri]);
  const ended = once(child, 'close');
  createInterface(child.stdout).on('line', (line) => line !== '' && lines.put(line));
  return {
    next: () => lines.take(),
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** What follows a line that tells of a received datagram: `v:1 t:ACK c:2.05 i:772c {01} [ Block2:0/M/64 ] …`. */
function readLog(log: string, body: Buffer): CoapAnswer {
  const responses = [...log.matchAll(/received \d+ bytes\nv:1 t:\w+ c:([245]\.\d\d) .*$/gm)];
  return {
    codes: responses.map(([, code = '']) => code),
    blocks: responses.filter(([line]) => line.includes('Block2:')).length,
    body,
    log,
  };
}
