import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepFunctionNames } from '../atoms/function-names.ts';
import { openWorkspace } from '../workspace.ts';
import { atomNotes, atomRows } from './atom-rows.ts';
import type { AtomState } from './state.ts';

const worker: AtomState = {
  name: 'worker',
  version: '1.0',
  sequence: 7,
  kind: 'reactive',
  policy: 'round-robin',
  recovery: 'none',
  slot: 'a',
  phase: 'RUNNING',
  instances: [
    { instance: 'worker~1', phase: 'SUSPENDED', activations: 4, ageMs: 0 },
    { instance: 'worker~3', phase: 'RUNNING', activations: 9, ageMs: 12 },
  ],
  inbox: { waiting: 2, ready: 1, done: 13, dropped: 0 },
  memory: { load: 100, run: 200, total: 2048, used: 300 },
  storage: { used: 0, total: 0 },
  restarts: 1,
  sent: 5,
};

test('an atom is a row, each instance with a name of its own another below it', () => {
  expect(atomRows('gauge-1', worker)).toEqual([
    ['gauge-1', 'worker', '1.0', 'RUNNING', '2/1/13', '-', '5', '2.0 KiB', '-', '1'],
    ['gauge-1', '  worker~1', '', 'SUSPENDED', '4 run'],
    ['gauge-1', '  worker~3', '', 'RUNNING', '9 run, this for 12 ms'],
  ]);
  const one = {
    ...worker,
    instances: [{ instance: 'worker', phase: 'SUSPENDED', activations: 1, ageMs: 0 }],
  };
  expect(atomRows('gauge-1', one)).toHaveLength(1);
});

test('a trap is told with the name of the function, when the image that runs was built here', () => {
  const folder = mkdtempSync(join(tmpdir(), 'radon-rows-'));
  const workspace = openWorkspace(folder);
  keepFunctionNames(workspace, 'worker', new Map([[3, 'atom/divide']]), 7);
  keepFunctionNames(workspace, 'worker', new Map([[3, 'atom/other']]), 8);
  const trap = {
    kind: 'ARITHMETIC',
    event: 'MESSAGE',
    function: '#3',
    offset: 120,
    reason: 'division by zero',
  };
  expect(atomNotes('gauge-1', { ...worker, trap, exitCode: 4 }, workspace)).toEqual([
    'worker on gauge-1: trap ARITHMETIC in MESSAGE, function #3 (atom/divide): division by zero',
    'worker on gauge-1: exited with 4',
  ]);
  expect(atomNotes('gauge-1', { ...worker, sequence: 9, trap }, workspace)[0]).toContain(
    'function #3: division',
  );
  rmSync(folder, { recursive: true });
});
