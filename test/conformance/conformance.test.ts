import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type Actor, createActor } from './actor.ts';
import { type NodeUnderTest, nodeKinds, openNode } from './nodes.ts';
import { actionsOf, readScenario } from './scenario.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'scenarios');
const scenarios = readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .sort()
  .map((file) => readScenario(join(folder, file)));

describe.each(nodeKinds)('on the %s node', (kind) => {
  let target: NodeUnderTest | undefined;
  let actor: Actor | undefined;

  afterEach(async () => {
    await actor?.close();
    await target?.close();
    actor = undefined;
    target = undefined;
  });

  it.each(scenarios)('$name: $title', async (scenario) => {
    target = await openNode(kind);
    actor = createActor(target);
    const transcript: string[] = [];
    for (const action of actionsOf(scenario)) transcript.push(...(await actor.act(action)));
    expect(transcript).toEqual(scenario.lines);
  });
});
