import { formatCode } from '@radon/bridge/coap';
import { decodeFields, stringifyFields } from '@radon/bridge/fields';
import type { Observation } from '@radon/bridge/registry';
import { contentFormat } from '@radon/bridge/tables';
import { createMailbox, type Mailbox } from './mailbox.ts';
import type { NodeUnderTest } from './nodes.ts';
import { formatResponse, parseRequest, showFields } from './notation.ts';
import { pushAtom } from './push.ts';

/**
 * Longer than the ten seconds that a message may take, on an emulator that has to share its processor. Where faults are
 * looked for, most of it is waited in vain.
 */
const patienceMs = Number(process.env.RADON_CONFORMANCE_PATIENCE_MS ?? 30_000);
/** A message that was sent shows within this time; silence is only told after it. */
const quietMs = 500;
const pollMs = 10;

/** Carries the actions of a scenario out on one node and writes the transcript. */
export interface Actor {
  /** `expected` is what the scenario says must come: some actions wait for it. */
  act(action: string, expected: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Looks again until what it sees is as expected, or patience ends: the last look. */
async function eventually(look: () => Promise<string>, expected: string): Promise<string> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    // A node that restarts does not answer for a while.
    const seen = await look().catch(
      (error: unknown) => `(${error instanceof Error ? error.message : error})`,
    );
    if (seen === expected || performance.now() > deadline) return seen;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

export function createActor(target: NodeUnderTest): Actor {
  const observations = new Map<string, { observation: Observation; mailbox: Mailbox }>();
  const pending = new Map<string, Promise<string>>();
  const documents = new Map<string, Uint8Array>();

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

  const until = (path: string, wanted: readonly string[]) => {
    const names = wanted.map((entry) => entry.slice(0, entry.indexOf('=')));
    return eventually(() => show(path, names), wanted.join(' '));
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
    return mailbox.take(patienceMs);
  };

  const logged = (text: string) =>
    eventually(async () => {
      const response = await target.node.request(parseRequest('GET /log accept=text'));
      return new TextDecoder().decode(response.payload).includes(text) ? 'yes' : 'no';
    }, 'yes');

  const bridge = async ([verb = '', path = '', ...rest]: readonly string[]) => {
    const { heard } = target.bridge;
    const words = rest.join(' ');
    if (verb === 'hears') return heard.take(patienceMs);
    if (verb === 'hears-nothing') return heard.take(quietMs);
    if (verb === 'forgets') heard.empty();
    else if (verb === 'answers') target.bridge.answer(path, words.split(', '));
    else if (verb === 'tells' || verb === 'ends') target.bridge.tell(path, words, verb === 'ends');
    else throw new Error(`the bridge does not ${verb}`);
    return 'done';
  };

  const save = async (name: string, path: string) => {
    const response = await target.node.request(parseRequest(`GET ${path}`));
    if (response.code >> 5 !== 2) return formatResponse(response);
    documents.set(name, response.payload);
    return formatCode(response.code);
  };

  const restore = async (name: string, path: string) => {
    const payload = documents.get(name) ?? new Uint8Array(0);
    const request = { ...parseRequest(`PUT ${path}`), payload, contentFormat: contentFormat.CBOR };
    return formatResponse(await target.node.request(request));
  };

  const actions: Record<
    string,
    (words: readonly string[], action: string, expected: string) => Promise<string>
  > = {
    push: ([atom = '', ...rest]) => pushAtom(target, atom, rest.join(' ')),
    bridge,
    eventually: (_words, action, expected) =>
      eventually(() => send(action.slice('eventually '.length)), expected),
    title: async (_words, action) => (await send(action.slice('title '.length))).split(' {')[0] ?? '',
    save: ([name = '', path = '']) => save(name, path),
    restore: ([name = '', path = '']) => restore(name, path),
    show: ([path = '', ...names]) => show(path, names),
    until: ([path = '', ...wanted]) => until(path, wanted),
    observe: ([name = '', path = '', ...rest]) => observe(name, path, rest),
    await: async ([name = '']) => observations.get(name)?.mailbox.take(patienceMs) ?? '(no such observation)',
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
    async act(action, expected) {
      const [verb = '', ...words] = action.split(' ');
      const special = actions[verb];
      return [
        `> ${action}`,
        `< ${special === undefined ? await send(action) : await special(words, action, expected)}`,
      ];
    },
    async close() {
      for (const { observation } of observations.values()) observation.close();
      await Promise.allSettled(pending.values());
    },
  };
}
