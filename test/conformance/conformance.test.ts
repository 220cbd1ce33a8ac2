import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, test } from 'vitest';
import { type Actor, createActor } from './actor.ts';
import { type NodeKind, type NodeUnderTest, nodeKinds, openNode } from './nodes.ts';
import { readScenario, stepsOf } from './scenario.ts';

/** Numbered rules of the atom model; every one is shown by a scenario. */
const rules = Array.from({ length: 22 }, (_, index) => index + 1);

const folder = join(dirname(fileURLToPath(import.meta.url)), 'scenarios');
const scenarios = readdirSync(folder)
  .filter((file) => file.endsWith('.txt'))
  .sort()
  .map((file) => readScenario(join(folder, file)));

/** `RADON_CONFORMANCE_SCENARIOS=01-request-reply,09-timers` runs these alone. */
const wanted = process.env.RADON_CONFORMANCE_SCENARIOS?.split(',');
const chosen = scenarios.filter(({ name }) => wanted?.includes(name) ?? true);

/** Of a scenario that waits in vain once. */
const longestMs = 120_000;

/** `RADON_CONFORMANCE_NODES=host,posix` runs on these alone. */
const kinds = (process.env.RADON_CONFORMANCE_NODES?.split(',') ?? nodeKinds) as readonly NodeKind[];

test('every rule has a scenario, and every scenario names its rules', () => {
  const table = rules.map((rule) => {
    const names = scenarios.filter((scenario) => scenario.rules.includes(rule)).map(({ name }) => name);
    return { rule, names };
  });
  console.log(`${scenarios.length} scenarios on ${kinds.length} nodes (${kinds.join(', ')})`);
  console.log(
    table.map(({ rule, names }) => `rule ${String(rule).padStart(2)}: ${names.join(', ')}`).join('\n'),
  );
  expect(table.filter(({ names }) => names.length === 0)).toEqual([]);
  expect(scenarios.filter((scenario) => !scenario.rules.some((rule) => rules.includes(rule)))).toEqual([]);
});

describe.each(kinds)('on the %s node', (kind) => {
  let target: NodeUnderTest | undefined;
  let actor: Actor | undefined;

  afterEach(async () => {
    await actor?.close();
    await target?.close();
    actor = undefined;
    target = undefined;
  });

  it.each(chosen)(
    '$name: $title',
    async (scenario) => {
      target = await openNode(kind);
      actor = createActor(target);
      const transcript: string[] = [];
      for (const { action, expected } of stepsOf(scenario)) {
        transcript.push(...(await actor.act(action, expected)));
        // What follows a wrong line says nothing.
        if (transcript.at(-1) !== `< ${expected}`) break;
      }
      expect(transcript).toEqual(scenario.lines.slice(0, transcript.length));
    },
    longestMs,
  );
});
