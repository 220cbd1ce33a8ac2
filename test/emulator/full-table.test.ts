import { pushImage } from '@radon/bridge/device';
import type { NodePort } from '@radon/bridge/registry';
import { signImage } from '@radon/toolchain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtAtom } from '../support/built-atoms.ts';
import { readDocument, setChannel } from '../support/requests.ts';
import { openTestProject, type TestProject } from '../support/test-project.ts';

/** As many atoms as a node holds. */
const names = Array.from({ length: 16 }, (_, index) => `gauge-in-the-garden-${index + 1}`);

describe('a board that holds as many atoms as it can', () => {
  let project: TestProject;
  let node: NodePort;

  beforeAll(async () => {
    project = await openTestProject();
    node = await project.openBoard('gauge');
    const built = await builtAtom('rain');
    for (const name of names) await pushImage(node, signImage(project.workspace, { ...built, name }));
  }, 60_000);
  afterAll(() => project?.close());

  it('tells of all of them while every reading changes what it tells', async () => {
    let fed = 0;
    let done = false;
    const feed = async (): Promise<void> => {
      for (; !done; fed += 1) await setChannel(node, 'rain0', fed);
    };
    const feeding = feed();
    try {
      for (let round = 0; round < 5; round += 1) {
        const atoms = (await readDocument(node, '/atoms')) as unknown as { name: string }[];
        expect(atoms.map(({ name }) => name)).toEqual(names);
      }
    } finally {
      done = true;
      await feeding;
    }
    expect(fed).toBeGreaterThan(5);
  }, 60_000);
});
