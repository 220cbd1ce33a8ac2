/** One node: link, memory, atoms, what it measures, and where an atom is pushed to it. */
import { type AtomRow, createAtomRow } from './atom-row.ts';
import type { AtomState, NodeReport, NodeState } from './documents.ts';
import { element, setChildren, setText } from './element.ts';
import { formatBytes, formatSpan } from './format.ts';
import { createMeter } from './meter.ts';
import { createPushControl } from './push-control.ts';
import type { Reading } from './readings.ts';

export interface NodeCard {
  readonly element: HTMLElement;
  updateState(state: NodeState): void;
  updateReport(report: NodeReport): void;
  updateAtoms(atoms: readonly AtomState[]): void;
  updateReadings(readings: readonly Reading[]): void;
  /** Marks the reading that is drawn. */
  markChosen(path: string | undefined): void;
  /** Counts on what depends on the present time. */
  tick(now: number): void;
}

export interface NodeCardActions {
  choose(reading: Reading): void;
  say(text: string): void;
}

/** One of other make (`kind` "foreign") has neither memory that it tells of nor atoms. */
export function createNodeCard(name: string, kind: string, { choose, say }: NodeCardActions): NodeCard {
  const link = element('span', { class: 'pill' });
  const about = element('p', { class: 'muted about' });
  const since = element('span', { class: 'muted' });
  const ram = createMeter('atoms', formatBytes);
  const flash = createMeter('flash', formatBytes);
  const atomList = element('ul', { class: 'atoms', 'aria-label': `atoms of ${name}` });
  const empty = element('p', { class: 'muted', hidden: true }, 'No atoms yet.');
  const readingList = element('ul', { class: 'readings', 'aria-label': `readings of ${name}` });
  const head = element('div', { class: 'row' }, element('h2', { id: `node-${name}` }, name), link, since);
  const card = element('article', { class: 'node panel', 'aria-labelledby': `node-${name}` }, head, about);
  if (kind === 'foreign') card.append(readingList);
  else card.append(ram.element, flash.element, atomList, empty, readingList, createPushControl(name, card));
  const rows = new Map<string, AtomRow>();
  const buttons = new Map<string, HTMLButtonElement>();
  let state: NodeState | undefined;
  let report: NodeReport = {};

  function describe(): void {
    const parts = [kind, report.board, report.firmware, state?.coap ?? state?.address];
    const shown = [...new Set(parts.filter((part) => part !== undefined))];
    shown.push(...(state?.tags ?? []));
    if (report.safeMode) shown.unshift('safe mode');
    if (state?.link === 'lost' && state.lastError !== undefined) shown.unshift(state.lastError);
    setText(about, shown.join(' · '));
  }

  function buttonOf(reading: Reading): HTMLButtonElement {
    const known = buttons.get(reading.path);
    if (known !== undefined) return known;
    const button = element(
      'button',
      { type: 'button', 'aria-pressed': 'false', title: reading.title },
      reading.label,
    );
    button.addEventListener('click', () => choose(reading));
    buttons.set(reading.path, button);
    return button;
  }

  return {
    element: card,
    updateState(next) {
      state = next;
      setText(link, next.link);
      link.dataset.link = next.link;
      card.classList.toggle('lost', next.link === 'lost');
      describe();
    },
    updateReport(next) {
      report = next;
      ram.update(next.ram?.used, next.ram?.total);
      flash.update(next.flash?.used, next.flash?.total);
      describe();
    },
    updateAtoms(atoms) {
      const names = new Set(atoms.map((atom) => atom.name));
      for (const known of [...rows.keys()]) if (!names.has(known)) rows.delete(known);
      for (const atom of atoms) {
        const row = rows.get(atom.name) ?? createAtomRow(name, atom.name, say);
        rows.set(atom.name, row);
        row.update(atom);
      }
      setChildren(
        atomList,
        [...names].flatMap((atom) => rows.get(atom)?.element ?? []),
      );
      empty.hidden = atoms.length > 0;
    },
    updateReadings(readings) {
      const items = readings.map(
        (reading) => buttonOf(reading).parentElement ?? element('li', {}, buttonOf(reading)),
      );
      setChildren(readingList, items);
      readingList.hidden = items.length === 0;
    },
    markChosen(path) {
      for (const [own, button] of buttons) button.setAttribute('aria-pressed', String(own === path));
    },
    tick(now) {
      if (state !== undefined) setText(since, `for ${formatSpan(now - state.since)}`);
    },
  };
}
