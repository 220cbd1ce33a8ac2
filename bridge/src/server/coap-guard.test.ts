import { expect, test } from 'vitest';
import { type AuditEntry, createRateLimit, type RateLimit } from '../access/index.ts';
import type { CoapRequest } from '../coap/types.ts';
import { guardCoap } from './coap-guard.ts';

function setUp(rateLimit?: RateLimit) {
  const changes: AuditEntry[] = [];
  let served = 0;
  const handler = guardCoap(
    () => {
      served += 1;
      return { code: 0x44 };
    },
    { rateLimit, onChange: (entry) => changes.push(entry) },
  );
  const ask = async (code: number, address: string) =>
    handler({ code, path: '/m/rain', from: { address } } as CoapRequest);
  return { ask, changes, served: () => served };
}

test('each address has its limit; what is above it is 4.29, to be tried again in a second', async () => {
  const { ask, served } = setUp(createRateLimit({ perSecond: 1, burst: 2, now: () => 0 }));
  await ask(1, '192.0.2.7');
  await ask(5, '192.0.2.7');
  expect(await ask(1, '192.0.2.7')).toMatchObject({ code: 0x9d, maxAge: 1 });
  expect(await ask(1, '192.0.2.8')).toMatchObject({ code: 0x44 });
  expect(served()).toBe(3);
});

test('changes are told with their answer, reads are not', async () => {
  const { ask, changes } = setUp();
  await ask(1, '192.0.2.7');
  await ask(5, '192.0.2.7');
  await ask(2, '192.0.2.7');
  expect(changes).toEqual([{ client: '192.0.2.7', method: 'POST', path: '/m/rain', status: '2.04' }]);
});
