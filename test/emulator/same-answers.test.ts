/** Random messages from other nodes, some of them broken: a device and the host node answer each alike. */
import { encodeFields, type FieldValue } from '@radon/bridge/fields';
import { contentFormat } from '@radon/bridge/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type NodeUnderTest, openNode } from '../conformance/nodes.ts';
import { pushAtom } from '../conformance/push.ts';
import { eventually } from '../support/deadline.ts';
import { createRandom, testSeed } from '../support/random.ts';
import { describeResponse, nodeRequest, readDocument } from '../support/requests.ts';

const rounds = 600;
const names = ['sink', 'sink', 'sink', 'all', 'sink~1', 'sink~0', 'sink~01', 'sink~', 'nobody', 'Sink', ''];
const senders = [
  'n2/far',
  'n2/far~3',
  'n3/x',
  'far',
  'n2/',
  'N/x',
  `n4/${'b'.repeat(32)}`,
  `n4/${'b'.repeat(33)}`,
];
const numbers = [0, 1, 40, 255, 256, 2 ** 31, 2 ** 32 - 1, 2 ** 32];
const sizes = [0, 1, 100, 255, 256, 257, 512, 513];
const outcomes = [-1, -9, -12, -13, 0, 1];

const nodes: NodeUnderTest[] = [];

beforeAll(async () => {
  for (const kind of ['posix', 'host'] as const) {
    const subject = await openNode(kind);
    nodes.push(subject);
    expect(await pushAtom(subject, 'agent', '{"name":"sink"}')).toBe('running');
    await subject.node.request(nodeRequest('POST', '/a/sink/do', 'alias all'));
  }
});
afterAll(async () => {
  for (const subject of nodes) await subject.close();
});

function createMessages(random: () => number) {
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(list: readonly T[]) => list[below(list.length)] as T;
  const number = () => (below(4) === 0 ? pick(numbers) : 1 + below(60));

  function document(): Record<string, FieldValue> {
    const head = {
      from: pick(senders),
      incarnation: 1 + below(2),
      seq: number(),
      hops: pick([0, 1, 4, 255, 256]),
    };
    if (below(4) === 0) return { ...head, correlation: number(), outcome: pick(outcomes) };
    const flags = below(4) === 0 ? { flags: below(9) } : {};
    return { ...head, ...flags, id: number(), payload: new Uint8Array(pick(sizes)).fill(65) };
  }

  /** Some lack a member, some have a byte changed. */
  function payload(): Uint8Array {
    const members = Object.entries(document()).filter(() => below(40) > 0);
    const bytes = encodeFields(Object.fromEntries(members)).slice();
    if (below(5) === 0 && bytes.length > 0) bytes[below(bytes.length)] = below(256);
    return bytes;
  }

  return () => ({ path: `/m/${pick(names)}`, payload: payload() });
}

async function shown({ node }: NodeUnderTest) {
  const { inbox, sent, undelivered } = await readDocument(node, '/atoms/sink');
  const { counters } = (await readDocument(node, '/node')) as { counters: Record<string, number> };
  return { inbox, sent, undelivered, repeated: counters.repeatedMessages, lost: counters.lostReports };
}

it('a device and the host node answer random messages alike, and count the same', async () => {
  const next = createMessages(createRandom(testSeed('random messages')));
  for (let round = 0; round < rounds; round += 1) {
    const { path, payload } = next();
    const request = nodeRequest('POST', path, payload, { contentFormat: contentFormat.RADON_MESSAGE });
    const answers: string[] = [];
    for (const { node } of nodes) answers.push(describeResponse(await node.request(request)));
    expect(answers[1], `${path} ${Buffer.from(payload).toString('hex')}`).toBe(answers[0]);
    for (const { node } of nodes) {
      await eventually('an empty inbox', async () => {
        const { waiting, ready } = (await readDocument(node, '/atoms/sink')).inbox as Record<string, number>;
        return waiting === 0 && ready === 0;
      });
    }
  }
  const [device, host] = nodes as [NodeUnderTest, NodeUnderTest];
  expect(await shown(host)).toEqual(await shown(device));
}, 120_000);
