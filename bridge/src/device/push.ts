/** The push of docs/reference/wire.md#push: manifest, then the code in pieces from where the node has it. */
import { code } from '../coap/codes.ts';
import { decodeFields, parseHex, sameBytes, toHex } from '../fields/index.ts';
import type { Image } from '../image/image.ts';
import { errorOfResponse, RadonError } from '../problem/index.ts';
import type { NodePort, NodeResponse } from '../registry/node.ts';
import { contentFormat, method } from '../tables/index.ts';
import { waitUntilUp } from './wait.ts';

export type PushPhase = 'manifest' | 'code' | 'start' | 'done';

export interface PushProgress {
  /** `start`: the last byte is there, the node checks, loads and starts it. */
  readonly phase: PushPhase;
  /** Bytes of code the node has. */
  readonly sent: number;
  /** Bytes of code; 0 when nothing was missing. */
  readonly total: number;
  /** Bytes of code sent per second so far, by this push. */
  readonly bytesPerSecond: number;
}

export interface PushOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PushProgress) => void;
  /** Milliseconds to wait for a node that is lost on the way (default 15,000); then the push goes on where it was. */
  readonly patienceMs?: number;
  /** Monotonic milliseconds (default performance.now). */
  readonly clock?: () => number;
}

export interface PushResult {
  /** Whether the atom is new on this node. */
  readonly isCreated: boolean;
  /** Bytes of code sent; 0 when the node had them all. */
  readonly sent: number;
  readonly elapsedMs: number;
}

/** A multiple of every block size, and small enough for a lively progress bar on a slow serial line. */
const pieceBytes = 1024;
const maxAttempts = 5;

/**
 * Deploys an image on a node and resolves when its `on_start` has run. RadonError with the node's own reason when it is
 * refused or undone; the version before it then still runs.
 */
export async function pushImage(
  node: NodePort,
  image: Image,
  options: PushOptions = {},
): Promise<PushResult> {
  const now = options.clock ?? (() => performance.now());
  const push: Push = { node, image, options, now, startedAt: now(), sent: 0 };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const isCreated = await attemptPush(push);
      return { isCreated, sent: push.sent, elapsedMs: now() - push.startedAt };
    } catch (error) {
      if (attempt === maxAttempts || !isWorthAnother(error)) throw error;
      await waitUntilUp(node, options.patienceMs ?? 15_000, options.signal);
    }
  }
}

interface Push {
  readonly node: NodePort;
  readonly image: Image;
  readonly options: PushOptions;
  readonly now: () => number;
  readonly startedAt: number;
  sent: number;
}

async function attemptPush(push: Push): Promise<boolean> {
  report(push, 'manifest', 0, 0);
  const answer = await putManifest(push);
  const have = missingFrom(push, answer);
  const last = have === undefined ? answer : await sendCode(push, have);
  const total = have === undefined ? 0 : push.image.code.length;
  report(push, 'done', total, total);
  return answer.code === code.created && last.code >> 5 === 2;
}

async function putManifest({ node, image, options }: Push): Promise<NodeResponse> {
  const request = {
    method: method.PUT,
    path: ['atoms', image.manifest.name],
    query: [],
    payload: image.manifestFile,
    contentFormat: contentFormat.COSE_SIGN1,
    accept: contentFormat.CBOR,
  };
  return accepted(node, await node.request(request, options.signal));
}

/** Sends what is missing from a byte on and resolves with the answer to the last piece. */
async function sendCode(push: Push, have: number): Promise<NodeResponse> {
  const { code: bytes } = push.image;
  // Blocks start at multiples of 16; from anywhere else the node wants the code from the beginning.
  let offset = have % 16 === 0 && have < bytes.length ? have : 0;
  for (;;) {
    report(push, 'code', offset, bytes.length);
    const end = Math.min(bytes.length, (Math.floor(offset / pieceBytes) + 1) * pieceBytes);
    if (end === bytes.length) report(push, 'start', offset, bytes.length);
    const response = await putPiece(push, offset, end);
    if (response.code !== code.continue) return finish(push, response, end - offset);
    if (end === bytes.length) throw badAnswer(push.node, '2.31 to the last block');
    push.sent += end - offset;
    offset = end;
  }
}

function finish(push: Push, response: NodeResponse, bytes: number): NodeResponse {
  const answer = accepted(push.node, response);
  push.sent += bytes;
  return answer;
}

function putPiece({ node, image, options }: Push, offset: number, end: number): Promise<NodeResponse> {
  const request = {
    method: method.PUT,
    path: ['images', toHex(image.manifest.payloads[0].digest)],
    query: [],
    payload: image.code.subarray(offset, end),
    contentFormat: contentFormat.OCTET_STREAM,
    part: { offset, more: end < image.code.length },
  };
  return node.request(request, options.signal);
}

/** Bytes the node has of the code; undefined when nothing is missing. */
function missingFrom({ node, image }: Push, answer: NodeResponse): number | undefined {
  const { digest } = image.manifest.payloads[0];
  const state = readAnswer(node, answer);
  const missing: unknown = Reflect.get(state, 'missing');
  if (!Array.isArray(missing)) return undefined;
  const own = missing.find(
    (entry: unknown) => isMap(entry) && isDigest(Reflect.get(entry, 'digest'), digest),
  ) as unknown;
  if (!isMap(own)) return undefined;
  const have: unknown = Reflect.get(own, 'have');
  return typeof have === 'number' && have >= 0 ? have : 0;
}

function readAnswer(node: NodePort, answer: NodeResponse): object {
  if (answer.payload.length === 0) return {};
  try {
    const fields = decodeFields(answer.payload);
    if (isMap(fields)) return fields;
  } catch (cause) {
    throw badAnswer(node, 'no CBOR', cause);
  }
  throw badAnswer(node, 'no map of what is missing');
}

function badAnswer(node: NodePort, detail: string, cause?: unknown): RadonError {
  return new RadonError('BAD_ANSWER', { name: node.name, detail }, { cause });
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDigest(value: unknown, digest: Uint8Array): boolean {
  const bytes = typeof value === 'string' ? parseHex(value) : value;
  return bytes instanceof Uint8Array && sameBytes(bytes, digest);
}

function accepted(node: NodePort, response: NodeResponse): NodeResponse {
  if (response.code >> 5 === 2) return response;
  throw errorOfResponse(response, node.name);
}

/** A lost node may come back, and knows what it has; every other answer is final. */
function isWorthAnother(error: unknown): boolean {
  return error instanceof RadonError && (error.code === 'NODE_UNREACHABLE' || error.code === 'WRONG_OFFSET');
}

function report(push: Push, phase: PushPhase, sent: number, total: number): void {
  const seconds = (push.now() - push.startedAt) / 1000;
  const bytesPerSecond = seconds > 0 ? Math.round(push.sent / seconds) : 0;
  push.options.onProgress?.({ phase, sent, total, bytesPerSecond });
}
