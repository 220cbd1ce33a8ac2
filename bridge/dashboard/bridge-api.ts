/** Requests to the bridge, and why they failed. */

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly remedy?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What the bridge or a node answered in place of what was asked for; the message is for people. */
export class Refusal extends Error {
  readonly status: number;
  /** A name of docs/errors.json. */
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, { title = `HTTP ${status}`, detail, remedy, details = {} }: Problem) {
    super([detail ?? title, remedy].filter((text) => text !== undefined).join(' '));
    this.status = status;
    this.code = title;
    this.details = details;
  }
}

/** Resolves with the answer to a request that was not refused; rejects with `Refusal`. */
export async function ask(path: string, request: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, request);
  if (response.ok) return response;
  const problem = (await response.json().catch(() => ({}))) as Problem;
  throw new Refusal(response.status, problem);
}

/** GET of a document. */
export async function readJson(path: string): Promise<unknown> {
  return (await ask(path, { headers: { accept: 'application/json' } })).json();
}

export type AtomCommand = 'stop' | 'start' | 'restart';

export async function commandAtom(node: string, atom: string, command: AtomCommand): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await ask(`/nodes/${node}/atoms/${atom}`, { method: 'POST', headers, body: JSON.stringify({ command }) });
}
