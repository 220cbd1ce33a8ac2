/** The dashboard: every node with its atoms, one reading drawn live, the logs of all. */
import { readJson } from './bridge-api.ts';
import { createChartPanel } from './chart-panel.ts';
import type { AtomState, Link, NodeReport, NodeState } from './documents.ts';
import { byId, element, setChildren, setText } from './element.ts';
import { openLive } from './live.ts';
import { createLogPanel } from './log-panel.ts';
import { createNodeCard, type NodeCard } from './node-card.ts';
import { type Reading, readingsOf } from './readings.ts';
import { openSession } from './session.ts';
import { setUpTheme } from './theme.ts';

interface Shown {
  readonly kind: string;
  readonly card: NodeCard;
  /** Atoms and phases at the last look at the links. */
  atoms: string;
  close(): void;
}

/** Changes within this time are one look at the links. */
const settleMs = 250;
const noticeMs = 10_000;

const shown = new Map<string, Shown>();
let chosen: string | undefined;
let isChosenByHand = false;
let lookAgain: ReturnType<typeof setTimeout> | undefined;
let hideNotice: ReturnType<typeof setTimeout> | undefined;

const refusal = await openSession();
if (refusal !== undefined) say(refusal);
const connection = byId('connection');
const live = openLive((isOpen) => {
  setText(connection, isOpen ? 'live' : 'bridge not reached');
  connection.dataset.link = isOpen ? 'up' : 'lost';
});
const chart = createChartPanel(byId('chart'), live);
const logs = createLogPanel(byId('log'), live);
setUpTheme(byId('theme'), () => chart.recolour());

function say(text: string): void {
  const notice = byId('notice');
  notice.hidden = false;
  setText(notice, text);
  clearTimeout(hideNotice);
  if (text === refusal) return;
  hideNotice = setTimeout(() => {
    notice.hidden = true;
  }, noticeMs);
}

function choose(reading: Reading): void {
  chosen = reading.path;
  chart.show(reading);
  for (const { card } of shown.values()) card.markChosen(chosen);
}

/** A node of other make has no documents of ours: it is asked for nothing but what is drawn. */
function showNode({ name, kind }: NodeState): Shown {
  const chooseByHand = (reading: Reading) => {
    isChosenByHand = true;
    choose(reading);
  };
  const card = createNodeCard(name, kind, { choose: chooseByHand, say });
  const ends = kind === 'foreign' ? [] : follow(name, card);
  const close = () => {
    for (const end of ends) end();
  };
  return { kind, card, atoms: '', close };
}

function follow(name: string, card: NodeCard): readonly (() => void)[] {
  return [
    live.subscribe(`/nodes/${name}/node`, { value: (data) => card.updateReport(Object(data) as NodeReport) }),
    live.subscribe(`/nodes/${name}/atoms`, {
      value: (data) => showAtoms(name, Array.isArray(data) ? (data as AtomState[]) : []),
    }),
    logs.follow(name),
  ];
}

function showAtoms(name: string, atoms: readonly AtomState[]): void {
  const node = shown.get(name);
  if (node === undefined) return;
  node.card.updateAtoms(atoms);
  const known = atoms.map((atom) => `${atom.name} ${atom.phase}`).join();
  if (known !== node.atoms) planLook();
  node.atoms = known;
}

function showNodes(states: readonly NodeState[]): void {
  const kinds = new Map(states.map(({ name, kind }) => [name, kind]));
  for (const [name, { kind, close }] of shown) {
    if (kinds.get(name) === kind) continue;
    close();
    shown.delete(name);
  }
  for (const state of states) {
    const node = shown.get(state.name) ?? showNode(state);
    shown.set(state.name, node);
    node.card.updateState(state);
    node.card.tick(Date.now());
  }
  const cards = states.flatMap(({ name }) => shown.get(name)?.card.element ?? []);
  const none = element('p', { class: 'panel muted' }, 'No nodes yet: radon emu start starts a board.');
  setChildren(byId('nodes'), cards.length > 0 ? cards : [none]);
  planLook();
}

function planLook(): void {
  clearTimeout(lookAgain);
  lookAgain = setTimeout(() => void lookAtLinks(), settleMs);
}

/** What atoms measure before what channels do. */
function chooseFirst(readings: readonly Reading[]): void {
  const first = readings.find(({ label }) => !label.startsWith('io/')) ?? readings[0];
  if (first !== undefined && first.path !== chosen) choose(first);
}

/** What can be drawn changes with the atoms; the first of it is drawn unasked. */
async function lookAtLinks(): Promise<void> {
  try {
    const links = (await readJson('/.well-known/core')) as Link[];
    const byNode = readingsOf(links, (name) => shown.get(name)?.kind === 'foreign');
    for (const [name, { card }] of shown) card.updateReadings(byNode.get(name) ?? []);
    if (!isChosenByHand) chooseFirst([...byNode.values()].flat());
    for (const { card } of shown.values()) card.markChosen(chosen);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

live.subscribe('/nodes', { value: (data) => showNodes(data as NodeState[]) });
setInterval(() => {
  for (const { card } of shown.values()) card.tick(Date.now());
}, 1000);
