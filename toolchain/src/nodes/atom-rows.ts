import { describeTrap } from '../atoms/function-names.ts';
import { formatBytes } from '../output.ts';
import type { Workspace } from '../workspace.ts';
import type { AtomState, InstanceState } from './state.ts';

/** Columns of `atomRows`. */
export const atomColumns = [
  'NODE',
  'ATOM',
  'VERSION',
  'PHASE',
  'W/R/D',
  'DROPPED',
  'SENT',
  'MEMORY',
  'STORAGE',
  'RESTARTS',
] as const;

/** An atom as rows of a table: itself, then each instance with a name of its own. */
export function atomRows(node: string, atom: AtomState): readonly (readonly string[])[] {
  const instances = (atom.instances ?? []).filter(({ instance }) => instance !== atom.name);
  return [
    [
      node,
      atom.name,
      atom.version,
      atom.phase,
      `${atom.inbox.waiting}/${atom.inbox.ready}/${atom.inbox.done}`,
      orDash(atom.inbox.dropped),
      orDash(atom.sent ?? 0),
      formatBytes(atom.memory.total),
      atom.storage.total === 0 ? '-' : `${atom.storage.used}/${atom.storage.total}`,
      String(atom.restarts),
    ],
    ...instances.map((instance) => instanceRow(node, instance)),
  ];
}

function instanceRow(node: string, { instance, phase, activations, ageMs }: InstanceState): string[] {
  const age = ageMs === 0 ? '' : `, this for ${ageMs} ms`;
  return [node, `  ${instance}`, '', phase, `${activations} run${age}`];
}

const orDash = (count: number) => (count === 0 ? '-' : String(count));

/** What is to be said of an atom beside its row: why it failed, what was undone. */
export function atomNotes(node: string, atom: AtomState, workspace: Workspace): readonly string[] {
  const { name, sequence, trap, reason, exitCode } = atom;
  const about = (text: string) => `${name} on ${node}: ${text}`;
  return [
    ...(trap === undefined ? [] : [about(`trap ${describeTrap(trap, name, sequence, workspace)}`)]),
    ...(reason === undefined ? [] : [about(reason)]),
    ...(exitCode === undefined ? [] : [about(`exited with ${exitCode}`)]),
  ];
}
