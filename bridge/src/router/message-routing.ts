/** Messages on their way from one node, or from outside, to the nodes that have the name. */
import { code } from '../coap/codes.ts';
import {
  checkNoEnvelope,
  decodeEnvelope,
  type Envelope,
  encodeEnvelope,
  isInstanceName,
  isName,
  isReport,
  messageFlag,
} from '../message/index.ts';
import { decodeProblem, problemReply, RadonError } from '../problem/index.ts';
import type { NodePort, NodeRequest, NodeResponse } from '../registry/node.ts';
import type { Registry } from '../registry/registry.ts';
import { abiLimits, contentFormat, type ErrorName, method } from '../tables/index.ts';
import type { NameDirectory } from './name-directory.ts';

export interface MessageRouting {
  /**
   * POST of `['m', name]` or `['m', node, name]`. `sender` is the node on whose link it came; without one it comes from
   * outside. Rejects with RadonError for what goes nowhere, and with the signal's reason.
   */
  post(request: NodeRequest, sender: string | undefined, signal?: AbortSignal): Promise<NodeResponse>;
}

interface Destination {
  /** Nodes to send it to, at least one. */
  readonly nodes: readonly NodePort[];
  readonly name: string;
}

const successClass = 2;
const taken: NodeResponse = { code: code.changed, payload: new Uint8Array(0) };

export function createMessageRouting(registry: Registry, directory: NameDirectory): MessageRouting {
  function destinationOf(path: readonly string[], sender: string | undefined): Destination {
    const [, first = '', second, ...more] = path;
    if (first === '' || more.length > 0) throw new RadonError('NOT_FOUND', { name: `/${path.join('/')}` });
    if (second === undefined) return { nodes: nodesWith(first, sender), name: checkedName(first) };
    const node = isName(first) ? registry.get(first) : undefined;
    if (node === undefined) throw new RadonError('NO_SUCH_NODE', { name: first });
    return { nodes: [node], name: checkedName(second) };
  }

  function nodesWith(name: string, sender: string | undefined): readonly NodePort[] {
    const { nodes, unheard } = directory.find(checkedName(name), sender);
    if (nodes.length > 0) return nodes;
    if (unheard !== undefined) throw new RadonError('NODE_LOST', { name: unheard });
    throw new RadonError('NO_SUCH_ATOM', { name });
  }

  return {
    async post(request, sender, signal) {
      const name = `/${request.path.join('/')}`;
      if (request.method !== method.POST)
        throw new RadonError('METHOD_NOT_ALLOWED', { name, method: String(request.method) });
      const envelope = envelopeOf(request, sender);
      try {
        const { nodes, name: target } = destinationOf(request.path, sender);
        const body = envelope === undefined ? outsideBody(request) : forwarded(envelope, sender, name);
        const sent = { method: method.POST, path: ['m', target], query: [], ...body };
        return outcomeOf(await Promise.all(nodes.map((node) => deliver(node, sent, signal))));
      } catch (error) {
        if (envelope !== undefined && isTakenAlready(envelope, error)) return taken;
        throw error;
      }
    },
  };
}

/** RadonError NO_SUCH_ATOM for what can be nobody's name. */
function checkedName(name: string): string {
  if (!isInstanceName(name)) throw new RadonError('NO_SUCH_ATOM', { name: name.slice(0, 64) });
  return name;
}

/** Undefined for a message from outside, which is its payload. */
function envelopeOf(request: NodeRequest, sender: string | undefined): Envelope | undefined {
  if (sender === undefined) checkNoEnvelope(request.path, request.contentFormat);
  return request.contentFormat === contentFormat.RADON_MESSAGE ? decodeEnvelope(request.payload) : undefined;
}

function outsideBody({ payload, contentFormat: format }: NodeRequest) {
  const limit = abiLimits.messageBytes;
  if (payload.length > limit) throw new RadonError('TOO_LARGE', { have: payload.length, limit });
  return { payload, contentFormat: format };
}

/** With one hop less, and with the sending node under the name that others reach it by. */
function forwarded(envelope: Envelope, sender: string | undefined, path: string) {
  if (envelope.hops === 0) throw new RadonError('HOP_LIMIT', { name: path });
  const [, instance] = envelope.from.split('/');
  const payload = encodeEnvelope({ ...envelope, from: `${sender}/${instance}`, hops: envelope.hops - 1 });
  return { payload, contentFormat: contentFormat.RADON_MESSAGE };
}

/** Members on the sending node were all there are. */
function isTakenAlready(envelope: Envelope, error: unknown): boolean {
  const isElsewhereUnknown = error instanceof RadonError && error.code === 'NO_SUCH_ATOM';
  return isElsewhereUnknown && !isReport(envelope) && ((envelope.flags ?? 0) & messageFlag.aliasTaken) !== 0;
}

async function deliver(node: NodePort, request: NodeRequest, signal?: AbortSignal): Promise<NodeResponse> {
  const { name } = node;
  if (node.state().link === 'lost') return problemReply(new RadonError('NODE_LOST', { name }));
  try {
    return await node.request(request, signal);
  } catch (error) {
    if (error instanceof RadonError) return problemReply(error);
    throw error;
  }
}

/** Whatever can still succeed comes first, so that the sender tries again; those who took it recognise it then. */
const urgency: readonly (ErrorName | undefined)[] = ['INBOX_FULL', 'NODE_LOST'];

/** One answer for all: 2.04 when everybody took it. */
function outcomeOf(answers: readonly NodeResponse[]): NodeResponse {
  const refusals = answers.filter((answer) => answer.code >> 5 !== successClass);
  for (const wanted of urgency) {
    const found = refusals.find((refusal) => errorNameOf(refusal) === wanted);
    if (found !== undefined) return found;
  }
  return refusals[0] ?? taken;
}

function errorNameOf({ contentFormat: format, payload }: NodeResponse): ErrorName | undefined {
  return format === contentFormat.PROBLEM_DETAILS ? decodeProblem(payload)?.code : undefined;
}
