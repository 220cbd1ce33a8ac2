/** `/`: a plain page of nodes, atoms and links, without scripts and without anything from elsewhere. */

import type { CoreLink } from '../coap/link-format.ts';
import { decodeFields } from '../fields/index.ts';
import type { NodePort } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { contentFormat, method } from '../tables/index.ts';
import type { HttpReply } from './message.ts';

/** A node that hangs holds the page up this long at most, milliseconds. */
const atomsTimeoutMs = 1_000;
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};
const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color-scheme:light dark}
table{border-collapse:collapse}td,th{text-align:left;padding:.15em 1.5em .15em 0}code{font-size:.95em}.lost{opacity:.6}`;

export async function renderPage(registry: Registry): Promise<HttpReply> {
  const nodes = await Promise.all(registry.list().map((node) => renderNode(registry, node)));
  const body =
    nodes.length > 0 ? nodes.join('') : '<p>No nodes yet. <code>radon emu start</code> starts a board.</p>';
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Radon bridge</title>
<meta name="viewport" content="width=device-width"><style>${style}</style></head><body><h1>Radon bridge</h1>
${body}<p><a href="/.well-known/core">All links</a> · <a href="/nodes">Nodes as JSON</a></p></body></html>`;
  return { status: 200, headers: { ...headers }, body: html };
}

async function renderNode(registry: Registry, node: NodePort): Promise<string> {
  const state = node.state();
  const [atoms, links] = await Promise.all([
    readAtoms(node),
    registry.links(node, AbortSignal.timeout(atomsTimeoutMs)),
  ]);
  const about = [state.kind, state.link, state.address, state.coap, state.lastError].filter(
    (text) => text !== undefined,
  );
  return `<section class="${state.link}"><h2><a href="/nodes/${state.name}">${escapeHtml(state.name)}</a></h2>
<p>${about.map(escapeHtml).join(' · ')}</p>${renderAtoms(atoms)}<ul>${links.map((link) => renderLink(node.name, link)).join('')}</ul></section>`;
}

interface AtomRow {
  readonly name: string;
  readonly version: string;
  readonly phase: string;
}

function renderAtoms(atoms: readonly AtomRow[]): string {
  if (atoms.length === 0) return '<p>No atoms.</p>';
  const rows = atoms.map(
    ({ name, version, phase }) =>
      `<tr>${[name, version, phase].map((text) => `<td>${escapeHtml(text)}</td>`).join('')}</tr>`,
  );
  return `<table><tr><th>atom</th><th>version</th><th>phase</th></tr>${rows.join('')}</table>`;
}

/** Only paths become links: a node cannot make the page point elsewhere. */
function renderLink(node: string, { href, attributes }: CoreLink): string {
  const notes = [attributes.title, attributes.rt, attributes.obs === undefined ? undefined : 'observable'];
  const text = notes.filter((note) => typeof note === 'string').join(', ');
  const path = href.startsWith('/') ? href : `/${href}`;
  return `<li><a href="${escapeHtml(`/nodes/${node}${path}`)}"><code>${escapeHtml(path)}</code></a> ${escapeHtml(text)}</li>`;
}

/** Empty when the node does not answer in time. */
async function readAtoms(node: NodePort): Promise<readonly AtomRow[]> {
  if (node.state().link === 'lost') return [];
  const request = {
    method: method.GET,
    path: ['atoms'],
    query: [],
    payload: new Uint8Array(0),
    accept: contentFormat.CBOR,
  };
  try {
    const response = await node.request(request, AbortSignal.timeout(atomsTimeoutMs));
    const atoms = response.code >> 5 === 2 ? decodeFields(response.payload) : [];
    return Array.isArray(atoms) ? atoms.map(atomRow) : [];
  } catch {
    return [];
  }
}

function atomRow(value: unknown): AtomRow {
  const { name, version, phase } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  return { name: String(name ?? ''), version: String(version ?? ''), phase: String(phase ?? '') };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
