import { describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../../../test/support/virtual-clock.ts';
import { createMemoryLinks, type MemoryLinkFaults, udpTiming } from '../link/index.ts';
import { method } from '../tables/index.ts';
import { isNewer } from './client-observation.ts';
import { encodeMessage, ParsedMessage, parseMessage } from './codec.ts';
import { code, messageType } from './codes.ts';
import { createCoapContext } from './context.ts';
import type { CoapError } from './errors.ts';
import { encodeUint, option } from './options.ts';
import { ReceivedMessage } from './received.ts';
import type { CoapContext, CoapHandler, CoapReply, CoapResponse } from './types.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const fromText = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A resource that tells its observers. */
class Resource {
  readonly changed = new Set<(reply?: CoapReply) => void>();
  value = 'first';

  readonly handler: CoapHandler = () => ({
    code: code.content,
    payload: text(this.value),
    subscribe: (changed) => {
      this.changed.add(changed);
      return () => this.changed.delete(changed);
    },
  });

  set(value: string): void {
    this.value = value;
    for (const changed of this.changed) changed();
  }
}

interface Setting {
  readonly clock: VirtualClock;
  readonly client: CoapContext;
  readonly server: CoapContext;
  readonly seen: string[];
  readonly lost: (CoapError | CoapResponse)[];
}

function createSetting(handler: CoapHandler, faults: MemoryLinkFaults = {}): Setting {
  const clock = createVirtualClock(1);
  const [near, far] = createMemoryLinks({ clock, faults, timing: udpTiming });
  return {
    clock,
    client: createCoapContext(near, { clock }),
    server: createCoapContext(far, { clock, handler }),
    seen: [],
    lost: [],
  };
}

function observe(setting: Setting, confirmable = true, quietMs?: number) {
  return setting.client.observe(
    { method: method.GET, path: '/x', confirmable },
    {
      next: (response) => setting.seen.push(fromText(response.payload)),
      lost: (reason) => setting.lost.push(reason),
    },
    quietMs === undefined ? {} : { quietMs },
  );
}

describe('observing', () => {
  it('gets the current representation, each change, and nothing after cancel', async () => {
    const resource = new Resource();
    const setting = createSetting(resource.handler);
    const { clock, server, seen } = setting;
    const observation = observe(setting);
    await clock.advanceTo(100);
    resource.set('second');
    await clock.advanceTo(200);
    resource.set('third');
    await clock.advanceTo(300);
    expect(seen).toEqual(['first', 'second', 'third']);
    observation.cancel();
    observation.cancel();
    await clock.advanceTo(400);
    expect([server.observers, resource.changed.size]).toEqual([0, 0]);
    resource.set('fourth');
    await clock.advanceTo(500);
    expect(seen).toHaveLength(3);
  });

  it('ends with the newest state although notifications are lost, repeated and overtaken', async () => {
    const resource = new Resource();
    const setting = createSetting(resource.handler, {
      loss: 0.2,
      duplication: 0.2,
      reordering: 0.2,
      delayMs: 30,
    });
    observe(setting);
    await setting.clock.advanceTo(60_000);
    const values = Array.from({ length: 40 }, (_, index) => String(1_000 + index));
    for (const value of values) {
      resource.set(value);
      await setting.clock.advanceTo(setting.clock.now() + 150);
    }
    await setting.clock.advanceTo(setting.clock.now() + 200_000);
    expect(setting.seen.at(-1)).toBe('1039');
    const numbers = setting.seen.slice(1).map(Number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  });

  it('sends the newest of several changes made while a notification is under way', async () => {
    const resource = new Resource();
    const setting = createSetting(resource.handler, { delayMs: 500 });
    observe(setting);
    await setting.clock.advanceTo(2_000);
    for (const value of ['a', 'b', 'c', 'd']) resource.set(value);
    await setting.clock.advanceTo(10_000);
    expect(setting.seen).toEqual(['first', 'a', 'd']);
  });

  it('fetches the rest of a notification that is larger than a block', async () => {
    const resource = new Resource();
    const setting = createSetting(resource.handler);
    observe(setting);
    await setting.clock.advanceTo(100);
    resource.set('y'.repeat(3_000));
    await setting.clock.advanceTo(1_000);
    expect(setting.seen.at(-1)).toBe('y'.repeat(3_000));
  });

  it('tells that the server is silent, registers again, and goes on', async () => {
    const resource = new Resource();
    const faults = { loss: 0 };
    const setting = createSetting(resource.handler, faults);
    const { clock, lost, seen } = setting;
    observe(setting, true, 10_000);
    await clock.advanceTo(100);
    faults.loss = 1;
    await clock.advanceTo(300_000);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost[0]).toMatchObject({ code: 'TIMEOUT' });
    faults.loss = 0;
    await clock.advanceTo(600_000);
    resource.set('back');
    await clock.advanceTo(601_000);
    expect(seen.at(-1)).toBe('back');
  });

  it('passes on an error answer and asks again later', async () => {
    let isThere = false;
    const resource = new Resource();
    const setting = createSetting((request) =>
      isThere ? resource.handler(request) : { code: code.notFound },
    );
    observe(setting);
    await setting.clock.advanceTo(100);
    expect(setting.lost).toMatchObject([{ code: code.notFound }]);
    isThere = true;
    await setting.clock.advanceTo(5_000);
    expect(setting.seen).toEqual(['first']);
  });

  it('registers again at once on refresh, without a second registration at the server', async () => {
    const resource = new Resource();
    const setting = createSetting(resource.handler);
    const observation = observe(setting);
    await setting.clock.advanceTo(100);
    observation.refresh();
    await setting.clock.advanceTo(200);
    expect([setting.server.observers, setting.seen.length]).toEqual([1, 2]);
  });

  it('calls no listener after the context was closed', async () => {
    const resource = new Resource();
    const setting = createSetting(resource.handler);
    observe(setting);
    await setting.clock.advanceTo(100);
    await setting.client.close();
    await setting.clock.advanceTo(300_000);
    expect([setting.seen.length, setting.lost.length]).toEqual([1, 0]);
  });
});

describe('being observed', () => {
  function createRaw(handler: CoapHandler) {
    const clock = createVirtualClock(1);
    const [near, far] = createMemoryLinks({ clock, timing: udpTiming });
    const server = createCoapContext(far, { clock, handler });
    const received: ReceivedMessage[] = [];
    near.attach({
      datagrams(batch) {
        for (const bytes of batch.data.slice(0, batch.count)) {
          const parsed = new ParsedMessage();
          parseMessage(bytes, parsed);
          received.push(new ReceivedMessage(bytes, parsed.payloadStart));
        }
      },
    });
    const send = (bytes: Uint8Array): void => {
      if (near.remote !== undefined) near.send(near.remote, bytes, 0, bytes.length);
    };
    const register = (type: number, messageId: number, observeValue = 0): void =>
      send(
        encodeMessage({
          type,
          code: method.GET,
          messageId,
          token: Uint8Array.of(9),
          options: [{ number: option.observe, value: encodeUint(observeValue) }],
        }),
      );
    return { clock, server, received, send, register };
  }

  it('forgets an observer that answers a CON notification with RST', async () => {
    const resource = new Resource();
    const { clock, server, received, send, register } = createRaw(resource.handler);
    register(messageType.con, 1);
    await clock.advanceTo(10);
    resource.set('x');
    await clock.advanceTo(20);
    const notification = received.at(-1);
    expect(notification?.type).toBe(messageType.con);
    const id = notification?.messageId ?? 0;
    send(Uint8Array.of(0x70, 0, id >> 8, id));
    await clock.advanceTo(30);
    expect([server.observers, resource.changed.size]).toEqual([0, 0]);
  });

  it('forgets an observer that answers a NON notification with RST', async () => {
    const resource = new Resource();
    const { clock, server, received, send, register } = createRaw(resource.handler);
    register(messageType.non, 1);
    await clock.advanceTo(10);
    resource.set('x');
    await clock.advanceTo(20);
    const notification = received.at(-1);
    expect(notification?.type).toBe(messageType.non);
    const id = notification?.messageId ?? 0;
    send(Uint8Array.of(0x70, 0, id >> 8, id));
    await clock.advanceTo(30);
    expect(server.observers).toBe(0);
  });

  it('forgets an observer that no longer acknowledges', async () => {
    const resource = new Resource();
    const { clock, server, register } = createRaw(resource.handler);
    register(messageType.con, 1);
    await clock.advanceTo(10);
    resource.set('x');
    await clock.advanceTo(200_000);
    expect(server.observers).toBe(0);
  });

  it('sends a CON now and then to observers that registered with NON', async () => {
    const resource = new Resource();
    const { clock, received, send, register } = createRaw(resource.handler);
    register(messageType.non, 1);
    await clock.advanceTo(10);
    for (let change = 0; change < 40; change += 1) {
      resource.set(String(change));
      await clock.advanceTo(clock.now() + 10);
      const last = received.at(-1);
      if (last?.type === messageType.con)
        send(Uint8Array.of(0x60, 0, last.messageId >> 8, last.messageId & 0xff));
    }
    const confirmable = received.filter(({ type }) => type === messageType.con);
    expect(confirmable.length).toBeGreaterThanOrEqual(2);
  });

  it('replaces a registration under the same token and ends it on Observe 1', async () => {
    const resource = new Resource();
    const { clock, server, register } = createRaw(resource.handler);
    register(messageType.con, 1);
    register(messageType.con, 2);
    await clock.advanceTo(10);
    expect([server.observers, resource.changed.size]).toEqual([1, 1]);
    register(messageType.con, 3, 1);
    await clock.advanceTo(20);
    expect([server.observers, resource.changed.size]).toEqual([0, 0]);
  });

  it('ends with the error when the resource goes away', async () => {
    const resource = new Resource();
    let isGone = false;
    const { clock, server, received, register } = createRaw((request) =>
      isGone ? { code: code.notFound } : resource.handler(request),
    );
    register(messageType.con, 1);
    await clock.advanceTo(10);
    isGone = true;
    resource.set('gone');
    await clock.advanceTo(20);
    expect([received.at(-1)?.code, received.at(-1)?.observe, server.observers]).toEqual([
      code.notFound,
      undefined,
      0,
    ]);
  });
});

describe('the reordering rule (RFC 7641 section 3.4)', () => {
  it.each([
    [1, 2, 0, true],
    [2, 1, 0, false],
    [5, 5, 0, false],
    [0xffffff, 0, 0, true],
    [0, 0xffffff, 0, false],
    [0, (1 << 23) - 1, 0, true],
    [0, 1 << 23, 0, false],
    [2, 1, 128_001, true],
    [2, 1, 128_000, false],
  ])('after %i comes %i, %i ms later: %s', (last, next, laterMs, expected) => {
    expect(isNewer(last, 1_000, next, 1_000 + laterMs)).toBe(expected);
  });
});
