import { expect, test } from 'vitest';
import { createMemoryLinks, type Link } from '../link/index.ts';
import { code } from './codes.ts';
import { createCoapContext } from './context.ts';
import { createCoapPool } from './pool.ts';

const usableIds = 60_000;

/** The near end of a link whose far end answers everything, `/large` with 16 blocks. */
function openServed(): Link {
  const [near, far] = createMemoryLinks();
  createCoapContext(far, {
    handler: ({ path }) => ({ code: code.content, payload: new Uint8Array(path === '/large' ? 16_384 : 0) }),
  });
  return near;
}

test('a second link is opened when the message IDs of the first are spent, each block having taken one', async () => {
  const [first, second] = [openServed(), openServed()];
  let isBroken = true;
  const open = async () => {
    if (isBroken) throw new Error('no socket');
    return second;
  };
  const pool = createCoapPool(first, open, { nstart: 64 });
  const ask = (path: string) => pool.request({ method: 1, path });
  const askAtOnce = (count: number, path: string) =>
    Promise.all(Array.from({ length: count }, () => ask(path)));
  for (let taken = 0; taken < usableIds / 2; taken += 1_000) await askAtOnce(1_000, '/');
  for (let taken = usableIds / 2; taken < usableIds; taken += 16 * 125) await askAtOnce(125, '/large');
  await expect(ask('/')).rejects.toThrow('no socket');
  isBroken = false;
  await askAtOnce(3, '/');
  expect([first.counters.datagramsOut, second.counters.datagramsOut]).toEqual([usableIds, 3]);
  await pool.close();
  await expect(ask('/')).rejects.toMatchObject({ code: 'CLOSED' });
}, 30_000);
