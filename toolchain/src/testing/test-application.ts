import { rm } from 'node:fs/promises';
import { decodeFields, type FieldValue } from '@radon/bridge/fields';
import { decodeProblem } from '@radon/bridge/problem';
import type { NodePort } from '@radon/bridge/registry';
import { contentFormat, method } from '@radon/bridge/tables';
import { type RequestOptions, TestReply } from './records.ts';

const noBytes = new Uint8Array(0);

/** The atoms of an application on a node of their own. Time is real: wait for what shall come (`vi.waitFor`). */
export class TestApplication {
  readonly #node: NodePort;
  readonly #folder: string;

  constructor(node: NodePort, folder: string) {
    this.#node = node;
    this.#folder = folder;
  }

  /** GET of what an atom serves: `get('chain-b/fahrenheit')`. */
  get(path: string, options: RequestOptions = {}): Promise<TestReply> {
    return this.request('GET', `a/${path}`, options);
  }

  put(path: string, payload: Uint8Array | string, options: RequestOptions = {}): Promise<TestReply> {
    return this.request('PUT', `a/${path}`, { ...options, payload });
  }

  post(path: string, payload: Uint8Array | string, options: RequestOptions = {}): Promise<TestReply> {
    return this.request('POST', `a/${path}`, { ...options, payload });
  }

  /** A message from outside to an atom, an instance or an alias: 2.04 when it is in the inbox. */
  send(to: string, payload: Uint8Array | string): Promise<TestReply> {
    return this.request('POST', `m/${to}`, { payload });
  }

  /** State of an atom as the node shows it (docs/reference/wire.md, atom state). */
  async state(atom: string): Promise<Record<string, FieldValue>> {
    const reply = await this.request('GET', `atoms/${atom}`, { accept: contentFormat.CBOR });
    return decodeFields(reply.payload) as Record<string, FieldValue>;
  }

  /** Lines that an atom logged, oldest first; the node keeps the newest of all. */
  async logs(atom: string): Promise<string[]> {
    const { payload } = await this.request('GET', 'log', { accept: contentFormat.CBOR });
    const lines = decodeFields(payload) as { readonly name: string; readonly line: string }[];
    return lines.filter(({ name }) => name === atom).map(({ line }) => line);
  }

  /** Any request to the node, by its tree in docs/reference/wire.md. */
  async request(
    name: keyof typeof method,
    path: string,
    { payload, format, accept, query }: RequestOptions = {},
  ): Promise<TestReply> {
    const body = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    const given = typeof payload === 'string' ? contentFormat.TEXT : contentFormat.OCTET_STREAM;
    const response = await this.#node.request({
      method: method[name],
      path: path.split('/'),
      query: query === undefined ? [] : query.split('&'),
      payload: body ?? noBytes,
      accept,
      contentFormat: format ?? (body === undefined ? undefined : given),
    });
    const isProblem = response.contentFormat === contentFormat.PROBLEM_DETAILS;
    const error = isProblem ? decodeProblem(response.payload)?.code : undefined;
    return new TestReply(response.code, response.contentFormat ?? -1, response.payload, error);
  }

  /** Ends the node; idempotent. */
  async close(): Promise<void> {
    await this.#node.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
