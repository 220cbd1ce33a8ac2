import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandFailure } from '../failure.ts';
import type { AtomState } from '../nodes/state.ts';
import { openWorkspace, type Workspace } from '../workspace.ts';
import { parseAppFile } from './app-file.ts';
import { mergeFields } from './merge-fields.ts';
import { placeAtoms, withTags } from './placement.ts';
import { planNode, type Wanted } from './plan.ts';
import { openAppRecord } from './record.ts';

let folder: string;
let workspace: Workspace;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-deploy-'));
  workspace = openWorkspace(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const app = (
  atoms: readonly object[],
  nodes: object = { a: { tags: ['wet'] }, b: { tags: ['wet', 'roof'] } },
) => parseAppFile(JSON.stringify({ name: 'app', nodes, atoms }), 'app.json');

describe('the file', () => {
  test.each([
    [
      '{"name":"a",\n"nodes":{},"atoms":[]}',
      'app.json:2: nodes cannot be {}; allowed: an object with 1 to 256 members',
    ],
    [
      '{"name":"a","nodes":{"B":{}},"atoms":[]}',
      'app.json:1: nodes cannot have "B"; allowed: text of 1 to 32 bytes',
    ],
    ['{"name":"a","nodes":{"b":{"tag":[]}},"atoms":[]}', 'nodes.b.tag is not known; allowed: tags'],
    ['{"name":"a","nodes":{"b":{}},"atoms":[\n{"on":"b"}]}', 'app.json:2: atoms[0].atom is missing'],
    [
      '{"name":"a","nodes":{"b":{}},"atoms":[{"atom":"x","on":7}]}',
      'atoms[0].on cannot be 7; allowed: text of 1',
    ],
    [
      '{"name":"a","nodes":{"b":{}},"atoms":[{"atom":"x","on":{"tags":[]}}]}',
      'atoms[0].on.tags is not known; allowed: require, avoid',
    ],
    [
      '{"name":"a","nodes":{"b":{}},"atoms":[{"atom":"x","configuration":{"limits":{\n"body":-1}}}]}',
      'app.json:2: atoms[0].configuration.limits.body cannot be -1; allowed: whole numbers from 0 to 8192',
    ],
    [
      '{"name":"a","nodes":{"b":{}},"atoms":[{"atom":"x","configuration":{"name":"y"}}]}',
      'configuration.name is not known; allowed: version, kind',
    ],
    ['{"name":"a"', 'app.json:1: is not JSON'],
  ])('%s is refused with its line', (text, message) => {
    expect(() => parseAppFile(text, 'app.json')).toThrow(message);
    expect(() => parseAppFile(text, 'app.json')).toThrow(CommandFailure);
  });
});

const examples = fileURLToPath(new URL('../../../atoms-as/examples/', import.meta.url));
const applications = readdirSync(examples).filter((name) => existsSync(join(examples, name, 'app.json')));

test.each(applications)('the example %s is a file of an application, its folders are there', (name) => {
  const { atoms } = parseAppFile(readFileSync(join(examples, name, 'app.json'), 'utf8'), 'app.json');
  for (const { atom } of atoms) expect(existsSync(join(examples, name, atom, 'atom.json'))).toBe(true);
});

describe('placement', () => {
  const atom = (index: number, name: string, hosts = {}) => ({ index, name, hosts });
  const place = (on: unknown, hosts = {}) => {
    const { placed, problems } = placeAtoms(app([{ atom: 'x', on }]), [atom(0, 'x', hosts)]);
    const nodes = [...placed].filter(([, atoms]) => atoms.length > 0).map(([node]) => node);
    return problems.length > 0 ? problems.map(({ message }) => message) : nodes;
  };

  test.each<[unknown, object, readonly string[]]>([
    [undefined, {}, ['a', 'b']],
    ['b', {}, ['b']],
    [{ require: ['wet'], avoid: ['roof'] }, {}, ['a']],
    [undefined, { avoid: ['roof'] }, ['a']],
    ['c', {}, ['atoms[0].on cannot be "c"; allowed: a, b']],
    ['b', { avoid: ['roof'] }, ['x cannot be on b: its own hosts avoid the tag roof']],
    [{ require: ['dry'] }, {}, ['no node has the tags x asks for; tags of the nodes: wet, roof']],
  ])('%o with hosts %o', (on, hosts, expected) => {
    expect(place(on, hosts)).toEqual(expected);
  });

  test('the tags that the bridge gives a node count beside those of the file', () => {
    const states = [
      { name: 'a', tags: ['roof', 'wet'] },
      { name: 'c', tags: ['roof'] },
    ];
    const { nodes } = withTags(app([]), [...states, { name: 'b' }]);
    expect([...nodes]).toEqual([
      ['a', ['wet', 'roof']],
      ['b', ['wet', 'roof']],
    ]);
  });

  test('one name is once on a node', () => {
    const { problems } = placeAtoms(app([{ atom: 'x', on: 'a' }, { atom: 'y' }]), [
      atom(0, 'x'),
      atom(1, 'x'),
    ]);
    expect(problems).toEqual([{ path: ['atoms', 1], message: 'x is twice on a' }]);
  });
});

describe('the plan of a node', () => {
  const digest = new Uint8Array(32);
  const wanted: Wanted = { name: 'rain', digest, content: 'new' };
  const state = (sequence: number, phase = 'SUSPENDED') =>
    [{ name: 'rain', sequence, phase }] as unknown as readonly AtomState[];
  async function plan(atoms: readonly AtomState[], wants: readonly Wanted[] = [wanted], code = true) {
    const view = { name: 'a', atoms, hasCode: async () => code };
    const steps = await planNode(view, wants, openAppRecord(workspace, 'app'));
    return steps.map(({ kind }) => kind);
  }
  const settle = (content: string, sequence = 5, name = 'app') =>
    openAppRecord(workspace, name).settle('a', 'rain', { sequence, content });

  test('pushes what is new', async () => {
    expect(await plan([])).toEqual(['push']);
  });

  test('leaves what it put there', async () => {
    settle('new');
    expect(await plan(state(5))).toEqual(['unchanged']);
  });

  test.each([
    ['STOPPED', 'start'],
    ['ERROR', 'start'],
    ['WAITING', 'push'],
    ['TERMINATED', 'unchanged'],
  ])('of an atom in phase %s: %s', async (phase, step) => {
    settle('new');
    expect(await plan(state(5, phase))).toEqual([step]);
  });

  test('a restart to come is no failure', async () => {
    settle('new');
    const restarting = state(5, 'ERROR').map((atom) => ({ ...atom, instances: [{ instance: 'rain' }] }));
    expect(await plan(restarting as unknown as readonly AtomState[])).toEqual(['unchanged']);
  });

  test('other content under the same number is replaced, with its code where that is another', async () => {
    settle('old');
    expect(await plan(state(5))).toEqual(['reconfigure']);
    expect(await plan(state(5), [wanted], false)).toEqual(['push']);
  });

  test('the same content under a number it did not give is replaced', async () => {
    settle('new');
    expect(await plan(state(6))).toEqual(['reconfigure']);
  });

  test('an image that was signed elsewhere is known by its number', async () => {
    expect(await plan(state(9), [{ ...wanted, signedSequence: 9 }])).toEqual(['unchanged']);
  });

  test('removes what left the file, first', async () => {
    settle('new');
    const other = { ...wanted, name: 'hail' };
    expect(await plan(state(5), [other])).toEqual(['remove', 'push']);
  });

  test('removes neither what somebody replaced nor what another application uses', async () => {
    settle('new');
    expect(await plan(state(6), [])).toEqual(['forget']);
    settle('new', 5, 'second');
    expect(await plan(state(5), [])).toEqual(['forget']);
  });

  test('does not replace what belongs to another application', async () => {
    settle('theirs', 7, 'second');
    expect(await plan(state(7))).toEqual(['refuse']);
  });

  test('after a push that was cut, what is there is known whether it arrived or not', async () => {
    settle('old');
    openAppRecord(workspace, 'app').intend('a', 'rain', { sequence: 8, content: 'new' });
    expect(await plan(state(8))).toEqual(['unchanged']);
    expect(await plan(state(5), [])).toEqual(['remove']);
  });
});

test('a record that holds nothing has no file; names of objects are names', () => {
  const record = openAppRecord(workspace, 'app');
  expect(record.on('a').get('constructor')).toBeUndefined();
  record.settle('constructor', 'constructor', { sequence: 1, content: 'x' });
  expect(openAppRecord(workspace, 'app').on('constructor').get('constructor')).toHaveLength(1);
  expect(openAppRecord(workspace, 'two').otherOwner('constructor', 'constructor', 1)).toBe('app');
  record.forget('constructor', 'constructor');
  expect(readdirSync(workspace.folder('apps'))).toEqual([]);
});

test('a node that is gone is forgotten with all that was put on it', () => {
  const record = openAppRecord(workspace, 'app');
  record.settle('a', 'rain', { sequence: 1, content: 'x' });
  record.settle('b', 'rain', { sequence: 1, content: 'x' });
  record.forgetNode('a');
  expect(openAppRecord(workspace, 'app').nodes()).toEqual(['b']);
});

test('objects are merged, lists and values replaced', () => {
  const base = { limits: { body: 1, inbox: { bytes: 2 } }, io: ['a', 'b'] };
  const over = { limits: { inbox: { waitMs: 3 } }, io: ['c'], send: [] };
  expect(mergeFields(base, over)).toEqual({
    limits: { body: 1, inbox: { bytes: 2, waitMs: 3 } },
    io: ['c'],
    send: [],
  });
});
