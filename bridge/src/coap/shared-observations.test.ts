import { expect, test } from 'vitest';
import { method } from '../tables/index.ts';
import { code } from './codes.ts';
import { CoapError } from './errors.ts';
import { SharedObservations } from './shared-observations.ts';
import type { CoapClient, CoapResponse, Observer } from './types.ts';

const request = { method: method.GET, path: '/a/x' };

/** An upstream that says what the test says. */
function createUpstream() {
  const upstream = { registrations: 0, refreshes: 0, observer: undefined as Observer | undefined };
  const client = {
    observe(_: unknown, observer: Observer) {
      upstream.registrations += 1;
      upstream.observer = observer;
      return {
        refresh: () => {
          upstream.refreshes += 1;
        },
        cancel: () => undefined,
      };
    },
  } as unknown as CoapClient;
  return { upstream, observations: new SharedObservations(client) };
}

const value = (payload: number) =>
  ({
    message: { code: 0x45, observe: payload, options: [], payload: Uint8Array.of(payload) },
  }) as unknown as CoapResponse;

test('who joins while upstream is silent has it asked at once, and once for all who wait', async () => {
  const { upstream, observations } = createUpstream();
  const first = observations.join(request);
  upstream.observer?.next(value(1));
  (await first).subscribe?.(() => undefined);
  upstream.observer?.lost?.(new CoapError('TIMEOUT', 'no answer'));
  const joining = [observations.join(request), observations.join(request)];
  expect(upstream).toMatchObject({ registrations: 1, refreshes: 1 });
  upstream.observer?.next(value(2));
  expect(await Promise.all(joining)).toMatchObject([
    { payload: Uint8Array.of(2) },
    { payload: Uint8Array.of(2) },
  ]);
});

test('an observation that upstream ends without an error ends with one', async () => {
  const { upstream, observations } = createUpstream();
  const first = observations.join(request);
  upstream.observer?.next(value(1));
  const told: (number | undefined)[] = [];
  (await first).subscribe?.((reply) => told.push(reply?.code));
  upstream.observer?.next({
    message: { ...value(2).message, observe: undefined },
  } as unknown as CoapResponse);
  expect(told).toEqual([code.notAcceptable]);
});

test('who joins a silent upstream in vain is told so and leaves nothing behind', async () => {
  const { upstream, observations } = createUpstream();
  const silent = new CoapError('TIMEOUT', 'no answer');
  const joining = observations.join(request);
  upstream.observer?.lost?.(silent);
  await expect(joining).rejects.toBe(silent);
  void observations.join(request);
  expect(upstream).toMatchObject({ registrations: 2, refreshes: 0 });
});
