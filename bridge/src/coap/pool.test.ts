import { expect, test } from 'vitest';
import { createMemoryLinks, type Link } from '../link/index.ts';
import { code } from './codes.ts';
import { createCoapContext } from './context.ts';
import { createCoapPool } from './pool.ts';

const usableIds = 60_000;

/** The near end of a link whose far end answers everything. */
function openServed(served: { count: number }): Link {
  const [near, far] = createMemoryLinks();
  createCoapContext(far, {
    handler: () => {
      served.count += 1;
      return { code: code.content };
    },
  });
  return near;
}

test('a second link is opened when the message IDs of the first are spent', async () => {
  const served = [{ count: 0 }, { count: 0 }] as const;
  let isBroken = true;
  const open = async () => {
    if (isBroken) throw new Error('no socket');
    return openServed(served[1]);
  };
  const pool = createCoapPool(openServed(served[0]), open, { nstart: 64 });
  const ask = () => pool.request({ method: 1, path: [] });
  for (let sent = 0; sent < usableIds; sent += 1_000) await Promise.all(Array.from({ length: 1_000 }, ask));
  await expect(ask()).rejects.toThrow('no socket');
  isBroken = false;
  await Promise.all([ask(), ask(), ask()]);
  expect(served).toEqual([{ count: usableIds }, { count: 3 }]);
  await pool.close();
  await expect(ask()).rejects.toMatchObject({ code: 'CLOSED' });
}, 30_000);
