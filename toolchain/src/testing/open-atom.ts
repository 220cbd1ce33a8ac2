import { fileURLToPath } from 'node:url';
import { type BuiltAtom, buildAtom, readAtomProject } from '../build/index.ts';
import { openWorkspace } from '../workspace.ts';
import { TestAtom } from './test-atom.ts';

/** A channel of the node the test stands for; all of them are simulated. */
export interface TestChannel {
  readonly name: string;
  readonly direction: 'in' | 'out';
}

export interface TestAtomOptions {
  /** Left out: every name of the atom's `io`; names that begin with `led` or `out` are outputs. */
  readonly channels?: readonly TestChannel[];
  /** UTC at the start of the test, milliseconds; 0, unknown to the atom, when left out. */
  readonly utcMs?: number;
  /** Builds with assertions and names. */
  readonly debug?: boolean;
}

/** A process builds each atom once: sources do not change under a running test. */
const builds = new Map<string, Promise<BuiltAtom>>();

/** Builds the atom of a folder (a path, or `import.meta.url` of a file in it) and starts it; throws when it fails. */
export async function openAtom(place: string | URL, options: TestAtomOptions = {}): Promise<TestAtom> {
  const folder = String(place).startsWith('file:') ? fileURLToPath(new URL('.', place)) : String(place);
  const { debug = false, utcMs = 0 } = options;
  const key = `${debug} ${folder}`;
  const build =
    builds.get(key) ?? buildAtom(readAtomProject(folder), { debug, cache: openWorkspace(folder) });
  builds.set(key, build);
  const built = await build;
  const channels = options.channels ?? (built.configuration.io ?? []).map(guessChannel);
  return new TestAtom(built, channels, utcMs);
}

function guessChannel(name: string): TestChannel {
  return { name, direction: /^(led|out)/.test(name) ? 'out' : 'in' };
}
