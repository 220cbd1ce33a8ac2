/** One atom of a node: phase, queues, memory, and what can be done with it. */
import { type AtomCommand, commandAtom } from './bridge-api.ts';
import type { AtomState } from './documents.ts';
import { element, setAttribute, setText } from './element.ts';
import { formatBytes } from './format.ts';
import { createMeter } from './meter.ts';

export interface AtomRow {
  readonly element: HTMLElement;
  update(state: AtomState): void;
}

const stoppedPhases = new Set(['STOPPED', 'COMPLETED', 'ERROR', 'TERMINATED', 'WAITING']);

/** `say` tells of what went wrong. */
export function createAtomRow(node: string, name: string, say: (text: string) => void): AtomRow {
  const phase = element('span', { class: 'phase' });
  const about = element('span', { class: 'muted' });
  const queue = element('p', { class: 'queue' });
  const trouble = element('p', { class: 'trouble', hidden: true });
  // An instance has all its memory from the start: a full bar is no warning.
  const memory = createMeter('memory', formatBytes, false);
  const storage = createMeter('storage', formatBytes);

  async function command(button: HTMLButtonElement, verb: AtomCommand): Promise<void> {
    setAttribute(button, 'aria-busy', 'true');
    try {
      await commandAtom(node, name, verb);
    } catch (error) {
      say(`${verb} ${name} on ${node}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      setAttribute(button, 'aria-busy', false);
    }
  }

  function commandButton(verb: AtomCommand): HTMLButtonElement {
    const button = element('button', { type: 'button', 'aria-label': `${verb} ${name} on ${node}` }, verb);
    button.addEventListener('click', () => void command(button, verb));
    return button;
  }

  const [start, stop, restart] = [commandButton('start'), commandButton('stop'), commandButton('restart')];
  const head = element('div', { class: 'row' }, element('h3', {}, name), phase, about);
  const commands = element('div', { class: 'commands' }, start, stop, restart);
  const whole = element(
    'li',
    { class: 'atom' },
    head,
    commands,
    memory.element,
    storage.element,
    queue,
    trouble,
  );

  return {
    element: whole,
    update(state) {
      setText(phase, state.phase.toLowerCase());
      phase.dataset.phase = state.phase;
      setText(about, aboutOf(state));
      setText(queue, queueOf(state));
      memory.update(state.memory?.used, state.memory?.run);
      storage.update(state.storage?.used, state.storage?.total);
      const reason = reasonOf(state);
      trouble.hidden = reason === '';
      setText(trouble, reason);
      const isStopped = stoppedPhases.has(state.phase);
      start.disabled = !isStopped;
      stop.disabled = isStopped;
      restart.disabled = isStopped;
    },
  };
}

function aboutOf({ version, kind, instances, restarts = 0 }: AtomState): string {
  const parts = [version, kind];
  if (kind === 'reactive') parts.push(`${instances?.length ?? 0} instances`);
  if (restarts > 0) parts.push(`${restarts} restarts`);
  return parts.join(' · ');
}

function queueOf({ inbox }: AtomState): string {
  if (inbox === undefined) return '';
  const { waiting, ready, done, dropped } = inbox;
  const figures = [`${waiting} waiting`, `${ready} ready`, `${done} done`];
  if (dropped > 0) figures.push(`${dropped} dropped`);
  return `inbox: ${figures.join(' · ')}`;
}

function reasonOf({ reason, trap }: AtomState): string {
  const where = trap?.function === undefined ? '' : ` in ${trap.function}`;
  const trapped = trap === undefined ? undefined : `${trap.kind ?? 'trap'}${where}`;
  return [reason, trapped].filter((text) => text !== undefined).join(' · ');
}
