import type { NodeRequest } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';
import { usageFailure } from '../failure.ts';
import { nodeRequest } from '../nodes/state.ts';

/** One thing asked of an atom that runs alone. */
export interface Asked {
  /** As it was written, for messages. */
  readonly text: string;
  readonly request: (atom: string) => NodeRequest;
}

const verbs = ['get', 'post', 'put', 'delete', 'send', 'feed'] as const;
type Verb = (typeof verbs)[number];

/** `get PATH`, `post PATH BODY`, `send BODY`, `feed CHANNEL VALUE` … Throws a usage failure for anything else. */
export function parseAsked(text: string): Asked {
  const [, word = '', rest = ''] = /^\s*(\S+)\s*(.*)$/s.exec(text) ?? [];
  const verb = verbs.find((known) => known === word);
  if (verb === undefined) throw usageFailure(`"${text}" asks nothing.`, `Begin with ${verbs.join(', ')}.`);
  if (verb === 'send') return { text, request: (atom) => post(['m', atom], rest) };
  const [, target = '', body = ''] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  if (target === '') throw usageFailure(`"${text}" names nothing.`, 'For example: get level');
  if (verb === 'feed') return { text, request: () => put(['io', target], body) };
  return { text, request: (atom) => resource(verb, atom, target, body) };
}

function resource(
  verb: Exclude<Verb, 'send' | 'feed'>,
  atom: string,
  target: string,
  body: string,
): NodeRequest {
  const [path = '', query] = target.split('?');
  return nodeRequest({
    method: method[verb.toUpperCase() as keyof typeof method],
    path: ['a', atom, ...path.split('/')],
    query: query === undefined ? [] : query.split('&'),
    ...(body !== '' && { payload: new TextEncoder().encode(body) }),
  });
}

function post(path: readonly string[], body: string): NodeRequest {
  return nodeRequest({ method: method.POST, path, payload: new TextEncoder().encode(body) });
}

function put(path: readonly string[], body: string): NodeRequest {
  const payload = new TextEncoder().encode(body);
  return nodeRequest({ method: method.PUT, path, payload, contentFormat: contentFormat.TEXT });
}
