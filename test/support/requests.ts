/** Requests to a node in a line, and what came back as a test wants to see it. */
import { formatCode } from '@radon/bridge/coap';
import { decodeFields } from '@radon/bridge/fields';
import { decodeProblem } from '@radon/bridge/problem';
import type { NodePort, NodeRequest, NodeResponse } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';

type Verb = keyof typeof method;

export function nodeRequest(
  verb: Verb,
  path: string,
  body: string | Uint8Array = '',
  more: Partial<NodeRequest> = {},
): NodeRequest {
  const payload = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const format = payload.length > 0 ? { contentFormat: contentFormat.TEXT } : {};
  return { method: method[verb], path: path.split('/').slice(1), query: [], payload, ...format, ...more };
}

/** Fields of a document of the node, such as `/node` or `/atoms/rain`. Throws for any answer but 2.05. */
export async function readDocument(node: NodePort, path: string): Promise<Record<string, unknown>> {
  const response = await node.request(nodeRequest('GET', path, '', { accept: contentFormat.CBOR }));
  if (formatCode(response.code) !== '2.05') throw new Error(`GET ${path}: ${describeResponse(response)}`);
  return decodeFields(response.payload) as Record<string, unknown>;
}

/** `2.04`, `2.05 text`, `4.04 NOT_FOUND`. */
export function describeResponse({
  code,
  payload,
  contentFormat: format,
}: Pick<NodeResponse, 'code' | 'payload' | 'contentFormat'>): string {
  if (payload.length === 0) return formatCode(code);
  if (format === contentFormat.PROBLEM_DETAILS) return `${formatCode(code)} ${decodeProblem(payload)?.title}`;
  return `${formatCode(code)} ${new TextDecoder().decode(payload)}`;
}

export async function setChannel(node: NodePort, channel: string, value: number): Promise<void> {
  const response = await node.request(nodeRequest('PUT', `/io/${channel}`, String(value)));
  if (formatCode(response.code) !== '2.04')
    throw new Error(`PUT /io/${channel}: ${describeResponse(response)}`);
}
