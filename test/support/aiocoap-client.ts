/** aiocoap (Python) as a client. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createMailbox } from './deadline.ts';
import { aiocoap } from './peers.ts';

export interface AiocoapRequest {
  readonly uri: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly accept?: number;
  readonly format?: number;
  readonly payload?: Uint8Array | string;
  /** Bytes of the blocks asked for, or sent. */
  readonly block?: number;
  /** Notifications to wait for after the first answer. */
  readonly observe?: number;
  readonly confirmable?: boolean;
  /** URI of the forward proxy. */
  readonly proxy?: string;
}

export interface AiocoapAnswer {
  readonly code: string;
  readonly format: number | null;
  readonly body: Buffer;
}

export interface AiocoapRun {
  /** The next answer or notification. */
  next(): Promise<AiocoapAnswer>;
  close(): Promise<void>;
}

const script = fileURLToPath(new URL('../interop/aiocoap_client.py', import.meta.url));

export function startAiocoap({ payload = '', ...request }: AiocoapRequest): AiocoapRun {
  const answers = createMailbox<AiocoapAnswer | Error>(`an answer to aiocoap from ${request.uri}`);
  const wanted = JSON.stringify({ ...request, hex: Buffer.from(payload).toString('hex') });
  const child = spawn(aiocoap.command, [script, wanted]);
  const ended = once(child, 'close');
  const errors: Buffer[] = [];
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes));
  createInterface(child.stdout).on('line', (line) => {
    const { code, format, hex } = JSON.parse(line) as { code: string; format: number | null; hex: string };
    answers.put({ code, format, body: Buffer.from(hex, 'hex') });
  });
  void ended.then(() => answers.put(new Error(`aiocoap ended: ${Buffer.concat(errors).toString()}`)));
  return {
    async next() {
      const answer = await answers.take(20_000);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** One request, one answer. */
export async function askAiocoap(request: AiocoapRequest): Promise<AiocoapAnswer> {
  const run = startAiocoap(request);
  try {
    return await run.next();
  } finally {
    await run.close();
  }
}
