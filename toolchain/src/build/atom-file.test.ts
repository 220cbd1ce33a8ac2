import { describe, expect, test } from 'vitest';
import { CommandFailure } from '../failure.ts';
import { parseAtomFile } from './atom-file.ts';

/** Message of the failure a text causes. */
function refusal(text: string): string {
  try {
    parseAtomFile(text, 'atom.json');
  } catch (error) {
    if (error instanceof CommandFailure) return error.message;
    throw error;
  }
  throw new Error('accepted');
}

describe('atom.json', () => {
  test('a name is enough: everything else has a default', () => {
    expect(parseAtomFile('{ "name": "rain" }', 'atom.json')).toEqual({
      name: 'rain',
      version: '1',
      configuration: {
        kind: 'daemon',
        recovery: 'none',
        replyWithinMs: 5000,
        limits: {
          memory: 2048,
          stack: 1024,
          deadlineMs: 100,
          storage: 512,
          timers: 2,
          pending: 2,
          body: 256,
          publish: 256,
          inbox: { messages: 4, bytes: 512, waitMs: 5000 },
        },
      },
    });
  });

  test('content-formats are written by name and kept as numbers', () => {
    const names = ['text', 'link-format', 'octet-stream', 'json', 'cbor', 'senml+json', 'senml+cbor'];
    const text = JSON.stringify({ name: 'a', resources: [{ path: 'x', ct: names }] });
    expect(parseAtomFile(text, 'atom.json').configuration.resources).toEqual([
      { path: 'x', ct: [0, 40, 42, 50, 60, 110, 112] },
    ]);
  });

  test('a reactive atom gets its policy, a daemon none', () => {
    expect(parseAtomFile('{"name":"a","kind":"reactive"}', 'atom.json').configuration.policy).toBe('one');
    expect(parseAtomFile('{"name":"a"}', 'atom.json').configuration).not.toHaveProperty('policy');
  });

  test('limits that manifests leave out at their default are left out', () => {
    const limits = { instances: 3, idleMs: 10_000, maxEvents: 5, inbox: { createAfterMs: 0 } };
    const text = JSON.stringify({
      name: 'a',
      kind: 'reactive',
      policy: 'on-demand-expire',
      recovery: 'restart',
      maxRestarts: 5,
      windowMs: 2000,
      limits,
    });
    const { configuration } = parseAtomFile(text, 'atom.json');
    expect(configuration).toMatchObject({ limits: { instances: 3, maxEvents: 5 }, windowMs: 2000 });
    expect(configuration).not.toHaveProperty('maxRestarts');
    expect(configuration).not.toHaveProperty('limits.idleMs');
    expect(configuration).not.toHaveProperty('limits.inbox.createAfterMs');
  });

  test.each([
    [
      '{\n "name": "Rain"\n}',
      'atom.json:2: name cannot be "Rain"; allowed: text of 1 to 32 bytes that matches',
    ],
    ['{ "kind": "daemon" }', 'atom.json:1: name is missing'],
    [
      '{"name":"a",\n"limits":{\n"memroy":1}}',
      'atom.json:3: limits.memroy is not known; allowed: memory, stack,',
    ],
    [
      '{"name":"a",\n"limits":{"memory":1020}}',
      'atom.json:2: limits.memory cannot be 1020; allowed: multiples of 8 from 64 to 65536',
    ],
    [
      '{"name":"a","limits":{"stack":1e9}}',
      'limits.stack cannot be 1000000000; allowed: whole numbers from 256 to 8192',
    ],
    [
      '{"name":"a","limits":{"inbox":{"bytes":"512"}}}',
      'limits.inbox.bytes cannot be "512"; allowed: whole numbers',
    ],
    ['{"name":"a","kind":"actor"}', 'kind cannot be "actor"; allowed: daemon, reactive'],
    ['{"name":"a",\n\n"policy":"one"}', 'atom.json:3: policy is for atoms of kind "reactive"'],
    [
      '{"name":"a","io":["led0","led0"]}',
      'io cannot be ["led0","led0"]; allowed: a list of at most 8 different items',
    ],
    ['{"name":"a","resources":[{"path":"/x"}]}', 'resources[0].path cannot be "/x"'],
    [
      '{"name":"a","resources":[{"path":"x","ct":["xml"]}]}',
      'resources[0].ct[0] cannot be "xml"; allowed: text, ',
    ],
    ['{"name":"a","resources":[{"path":"x"},\n{"path":"x"}]}', 'atom.json:2: resource "x" is declared twice'],
    [`{"name":"a","resources":[{"path":"x","title":"${'ü'.repeat(33)}"}]}`, 'title is longer than 64 bytes'],
    [
      '{"name":"a",\n"limits":{"instances":2}}',
      'atom.json:2: limits.instances is for atoms of kind "reactive"',
    ],
    [
      '{"name":"a","kind":"reactive","policy":"on-demand",\n"limits":{"idleMs":50}}',
      'atom.json:2: limits.idleMs is for atoms of policy "on-demand-expire"; leave it out',
    ],
    [
      '{"name":"a","kind":"reactive","limits":{\n"inbox":{\n"createAfterMs":5}}}',
      'atom.json:3: limits.inbox.createAfterMs is for atoms of policy "on-demand-expire"',
    ],
    [
      '{"name":"a","policy":"all"}',
      'policy cannot be "all"; allowed: one, round-robin, on-demand, on-demand',
    ],
    [
      '{"name":"a","windowMs":5000}',
      'windowMs is for atoms of recovery "restart" or "recover"; leave it out',
    ],
    [
      '{"name":"a","send":["b",\n"c("]}',
      'atom.json:2: send[1] cannot be "c("; allowed: patterns of at most 64 bytes',
    ],
    ['{"name":"a","request":["*"]}', 'request[0] cannot be "*"; allowed: patterns'],
    ['{"name":"a",}', 'atom.json:1: is not JSON: property name expected'],
    ['{\n"name":"a"', 'atom.json:2: is not JSON: close brace expected'],
    ['// a\n{"name":"a"}', 'is not JSON: invalid comment token'],
    ['["rain"]', 'atom.json:1: the file cannot be ["rain"]; allowed: $schema, name,'],
    ['', 'atom.json:1: is not JSON: value expected'],
  ])('%s is refused with its line', (text, message) => {
    expect(refusal(text)).toContain(message);
  });

  test('every wrong field is told at once', () => {
    expect(refusal('{"name":"A","kind":"x","limits":{"body":-1}}').split('\n')).toHaveLength(3);
  });
});
