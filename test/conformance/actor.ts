import { formatCode } from '@radon/bridge/coap';
import {
  decodeFields,
  encodeFields,
  type FieldValue,
  formatName,
  parseFormat,
  stringifyFields,
} from '@radon/bridge/fields';
import { decodeProblem } from '@radon/bridge/problem';
import type { NodeRequest, NodeResponse, Observation } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';
import type { NodeUnderTest } from './nodes.ts';
import { pushAtom } from './push.ts';

const patienceMs = 10_000;
const pollMs = 10;

/** Carries the actions of a scenario out on one node and writes the transcript. */
export interface Actor {
  act(action: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A queue whose reader waits, with a deadline. */
function createMailbox(): { put(line: string): void; take(): Promise<string> } {
  const lines: string[] = [];
  let wake = () => {};
  return {
    put(line) {
      lines.push(line);
      wake();
    },
    async take() {
      const deadline = AbortSignal.timeout(patienceMs);
      while (lines.length === 0) {
        if (deadline.aborted) return '(nothing came)';
        await new Promise<void>((resolve) => {
          wake = resolve;
          deadline.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      return lines.shift() ?? '';
    },
  };
}

/** `POST /a/probe/echo?x accept=json text "hello"` → a request. */
function parseRequest(action: string): NodeRequest {
  const match = /^([A-Z]+) \/([^\s?]*)(?:\?(\S*))?(?: accept=(\S+))?(?: (\S+) (.+))?$/.exec(action);
  if (match === null) throw new Error(`no request: ${action}`);
  const [, verb = '', path = '', query, accept, format, body] = match;
  if (!(verb in method)) throw new Error(`no method: ${verb}`);
  return {
    method: method[verb as keyof typeof method],
    path: path === '' ? [] : path.split('/').map(decodeURIComponent),
    query: query === undefined ? [] : query.split('&').map(decodeURIComponent),
    payload: body === undefined ? new Uint8Array(0) : parseBody(body, format ?? ''),
    ...(format === undefined || format === 'none' ? {} : { contentFormat: numberOf(format) }),
    ...(accept === undefined ? {} : { accept: numberOf(accept) }),
  };
}

function numberOf(format: string): number {
  const number = parseFormat(format);
  if (number === undefined) throw new Error(`no content-format: ${format}`);
  return number;
}

/** `"text"`, `"text" x 100`, `hex 0102`, or a JSON document that travels as CBOR. */
function parseBody(body: string, format: string): Uint8Array {
  const repeated = /^("(?:[^"\\]|\\.)*")(?: x (\d+))?$/.exec(body);
  if (repeated !== null) {
    const text = (JSON.parse(repeated[1] ?? '""') as string).repeat(Number(repeated[2] ?? 1));
    return new TextEncoder().encode(text);
  }
  if (body.startsWith('hex ')) return new Uint8Array(Buffer.from(body.slice(4), 'hex'));
  if (format === 'cbor') return encodeFields(JSON.parse(body) as FieldValue);
  return new TextEncoder().encode(body);
}

/** `2.05 text "hello"`, `4.04 NOT_FOUND {"name":"x"}`, `2.04`. */
export function formatResponse({ code, payload, contentFormat: format }: NodeResponse): string {
  const head = formatCode(code);
  if (payload.length === 0) return head;
  if (format === contentFormat.PROBLEM_DETAILS) {
    const problem = decodeProblem(payload);
    const details = JSON.stringify(problem?.details ?? {});
    return `${head} ${problem?.title}${details === '{}' ? '' : ` ${details}`}`;
  }
  const name = format === undefined ? 'none' : formatName(format);
  return `${head} ${name} ${formatBody(payload, format)}`;
}

function formatBody(payload: Uint8Array, format: number | undefined): string {
  const text = new TextDecoder().decode(payload);
  if (format === contentFormat.CBOR) return stringifyFields(decodeFields(payload));
  if (format === contentFormat.JSON || format === contentFormat.SENML_JSON) return text;
  return JSON.stringify(text);
}

/** A field of a document by its path: `inbox.done`, `instances.0.phase`. */
function fieldOf(document: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
}

function showFields(document: unknown, names: readonly string[]): string {
  return names
    .map((name) => {
      const value = fieldOf(document, name);
      return `${name}=${value === undefined ? '-' : typeof value === 'string' ? value : JSON.stringify(value)}`;
    })
    .join(' ');
}

export function createActor(target: NodeUnderTest): Actor {
  const observations = new Map<
    string,
    { observation: Observation; mailbox: ReturnType<typeof createMailbox> }
  >();
  const pending = new Map<string, Promise<string>>();

  const send = async (action: string) => formatResponse(await target.node.request(parseRequest(action)));

  const readDocument = async (path: string) => {
    const response = await target.node.request(parseRequest(`GET ${path} accept=cbor`));
    if (response.code >> 5 !== 2) return formatResponse(response);
    return JSON.parse(stringifyFields(decodeFields(response.payload))) as unknown;
  };

  const show = async (path: string, names: readonly string[]) => {
    const document = await readDocument(path);
    return typeof document === 'string' ? document : showFields(document, names);
  };

  const until = async (path: string, wanted: readonly string[]) => {
    const names = wanted.map((entry) => entry.split('=')[0] ?? '');
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const seen = await show(path, names);
      if (seen === wanted.join(' ') || performance.now() > deadline) return seen;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  };

  const observe = async (name: string, path: string, rest: readonly string[]) => {
    const mailbox = createMailbox();
    const observation = target.node.observe(parseRequest(['GET', path, ...rest].join(' ')), {
      next: (response) => mailbox.put(formatResponse(response)),
      lost: () => mailbox.put('(lost)'),
      back: () => mailbox.put('(back)'),
      end: (response) => mailbox.put(`(end) ${formatResponse(response)}`),
    });
    observations.set(name, { observation, mailbox });
    return mailbox.take();
  };

  const logged = async (text: string) => {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const response = await target.node.request(parseRequest('GET /log accept=text'));
      if (new TextDecoder().decode(response.payload).includes(text)) return 'yes';
      if (performance.now() > deadline) return 'no';
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  };

  const actions: Record<string, (words: readonly string[], action: string) => Promise<string>> = {
    push: async ([atom = '', variant = '']) => pushAtom(target, atom, variant),
    show: ([path = '', ...names]) => show(path, names),
    until: ([path = '', ...wanted]) => until(path, wanted),
    observe: ([name = '', path = '', ...rest]) => observe(name, path, rest),
    await: async ([name = '']) => observations.get(name)?.mailbox.take() ?? '(no such observation)',
    unobserve: async ([name = '']) => {
      observations.get(name)?.observation.close();
      observations.delete(name);
      return 'done';
    },
    begin: async ([name = ''], action) => {
      pending.set(name, send(action.slice(`begin ${name} `.length)));
      return 'begun';
    },
    end: async ([name = '']) => (await pending.get(name)) ?? '(not begun)',
    wait: async ([ms = '0']) => {
      await new Promise((resolve) => setTimeout(resolve, Number(ms)));
      return 'done';
    },
    logged: async (_words, action) => logged(JSON.parse(action.slice('logged '.length)) as string),
    'power-cycle': async () => {
      await target.powerCycle();
      return 'back';
    },
  };

  return {
    async act(action) {
      const [verb = '', ...words] = action.split(' ');
      const special = actions[verb];
      return [
        `> ${action}`,
        `< ${special === undefined ? await send(action) : await special(words, action)}`,
      ];
    },
    async close() {
      for (const { observation } of observations.values()) observation.close();
      await Promise.allSettled(pending.values());
    },
  };
}
