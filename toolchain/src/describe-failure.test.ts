import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { describeFailure } from './describe-failure.ts';

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('what the system refuses is a sentence with the place, and what helps', async () => {
  const file = import.meta.filename;
  expect(describeFailure(thrownBy(() => mkdirSync(`${file}/run`)))).toMatchObject({
    message: `A file is in the place of a folder above ${file}/run.`,
    remedy: 'Move it away.',
    exitCode: 1,
  });
  expect(describeFailure(thrownBy(() => mkdirSync(file)))).toMatchObject({
    message: `${file} is a file where a folder is needed.`,
  });
  const server = createServer();
  const refused = await new Promise((resolve) => server.once('error', resolve).listen(0, '192.0.2.1'));
  expect(describeFailure(refused)).toMatchObject({ message: '192.0.2.1 is no address of this machine.' });
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  expect(describeFailure(full).message).toBe('There is no space left to write a file.');
});

test('anything else is told as it is', () => {
  expect(describeFailure(new Error('It broke.'))).toMatchObject({ message: 'It broke.', remedy: '' });
  expect(describeFailure('text').message).toBe('text');
});
