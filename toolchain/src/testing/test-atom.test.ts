import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openAtom, type TestAtom } from './index.ts';

// The compiler takes a second to start on an idle machine, and much longer on a busy one.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Asks a tank at each message but answers, and says what came of it. */
const source = `
import { Ask, Format, Handled, Log, Message, Method, Output, Response, Undelivered, LogLevel, ask, observe, publish, sendText } from "@radon/atoms-as/assembly";
let level: Ask = 0;
let order: i32 = 0;
export function on_message(): i32 {
  if (Message.answers(order)) return say("pump says ", Message.number());
  if (Message.is("follow")) return <i32>(observe("//cellar/a/tank/level") < 0);
  Message.replyText("asking");
  level = ask(Method.GET, "//cellar/a/tank/level");
  return Handled.DONE;
}
export function on_response(): i32 {
  if (Response.error()) return say("no answer ", Response.error());
  if (!Response.answers(level)) return say("level ", Response.number());
  order = sendText("pump", "fill");
  return Handled.DONE;
}
export function on_undelivered(): i32 {
  return say("pump is away ", Undelivered.error());
}
function say(text: string, value: f64): i32 {
  Output.begin();
  Output.text(text);
  Output.decimal(value);
  Log.output(LogLevel.INFO);
  return Handled.DONE;
}
`;

let folder: string;
let atom: TestAtom;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'radon-test-atom-'));
  writeFileSync(join(folder, 'atom.ts'), source);
  const configuration = { name: 'valve', send: ['pump'], request: ['//[a-z]+/a/.*'] };
  writeFileSync(join(folder, 'atom.json'), JSON.stringify(configuration));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  atom = await openAtom(folder);
});
afterEach(() => atom.close());

const said = () => atom.logs.map(({ line }) => line);

describe('an atom among others that the test stands for', () => {
  test('gets messages and answers them', () => {
    expect(atom.message('open', { from: 'button', id: 5 })).toBe(true);
    expect(atom.sent).toMatchObject([{ to: 'button', text: 'asking', correlation: 5 }]);
  });

  test('asks, is answered, and sends', () => {
    atom.message('open');
    const [request] = atom.asked;
    if (request === undefined) throw new Error('nothing was asked');
    expect(request).toMatchObject({ uri: '//cellar/a/tank/level', method: 1, isObservation: false });
    atom.respond(request, '3');
    const [order] = atom.sent;
    if (order === undefined) throw new Error('nothing was sent');
    expect(order).toMatchObject({ to: 'pump', text: 'fill', correlation: 0 });
    atom.message('9', { from: 'pump', correlation: order.id });
    atom.report(order, 'NOT_DELIVERED', 'E_NO_ROUTE');
    expect(said()).toEqual(['pump says 9', 'pump is away -7']);
  });

  test('hears why no answer came', () => {
    atom.message('open');
    for (const request of atom.asked) atom.giveUp(request, 'E_TIMEOUT');
    expect(said()).toEqual(['no answer -9']);
  });

  test('follows a resource', () => {
    atom.message('follow');
    const [request] = atom.asked;
    if (request === undefined) throw new Error('nothing was asked');
    expect(request.isObservation).toBe(true);
    for (const level of ['1', '2']) atom.respond(request, level, { isMore: true });
    expect(said()).toEqual(['level 1', 'level 2']);
  });

  test('may send again and again: nothing stays in an outbox', () => {
    for (let turn = 0; turn < 100; turn += 1) {
      atom.message('open', { from: 'button' });
      const request = atom.asked.at(-1);
      if (request !== undefined) atom.respond(request, '1');
    }
    expect(atom.sent).toHaveLength(200);
    expect(atom.restarts).toBe(0);
  });

  test('a message that finds no room is not taken', () => {
    expect(atom.message(new Uint8Array(513))).toBe(false);
    expect(atom.activations).toBe(1);
  });
});
