import { fileURLToPath } from 'node:url';
import { buildAtom, readAtomProject } from '../build/index.ts';
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

/** Builds the atom of a folder (a path or `import.meta.url` of a file in it) and starts it; throws when it fails. */
export async function openAtom(place: string | URL, options: TestAtomOptions = {}): Promise<TestAtom> {
  const folder = String(place).startsWith('file:') ? fileURLToPath(new URL('.', place)) : String(place);
  const built = await buildAtom(readAtomProject(folder), { debug: options.debug ?? false });
  const channels = options.channels ?? (built.configuration.io ?? []).map(guessChannel);
  return new TestAtom(built, channels, options.utcMs ?? 0);
}

function guessChannel(name: string): TestChannel {
  return { name, direction: /^(led|out)/.test(name) ? 'out' : 'in' };
}
