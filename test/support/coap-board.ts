/** A stand-in for a board on a CoAP link: `/node`, `/time`, `/log` and the push, without atoms. For unit tests only. */
import { decodeBlock } from '../../bridge/src/coap/blocks.ts';
import {
  type CoapContext,
  type CoapReply,
  type CoapRequest,
  createCoapContext,
  option,
} from '../../bridge/src/coap/index.ts';
import { encodeFields } from '../../bridge/src/fields/index.ts';
import type { Link } from '../../bridge/src/link/index.ts';
import { encodeProblem, RadonError } from '../../bridge/src/problem/index.ts';

export interface CoapBoard {
  readonly context: CoapContext;
  /** `METHOD /path` of every request handled, oldest first; methods as numbers. */
  readonly requests: readonly string[];
  /** Bytes of code stored so far. */
  readonly stored: readonly number[];
  uptimeMs: number;
  /** Answers that replace the usual ones, by path. */
  readonly answers: Map<string, (request: CoapRequest) => CoapReply>;
  /** Tells observers of a path that it changed. */
  changed(path: string): void;
}

export interface CoapBoardOptions {
  /** Bytes of the code the board waits for. */
  readonly codeBytes?: number;
  readonly digest?: Uint8Array;
  /** Answers from the start, see `CoapBoard.answers`. */
  readonly answers?: ReadonlyMap<string, (request: CoapRequest) => CoapReply>;
}

export function createCoapBoard(link: Link, options: CoapBoardOptions = {}): CoapBoard {
  const requests: string[] = [];
  const stored: number[] = [];
  const answers = new Map(options.answers);
  const watchers = new Map<string, Set<() => void>>();
  const { codeBytes = 0, digest = new Uint8Array(32) } = options;

  const cbor = (value: Parameters<typeof encodeFields>[0], code = 0x45): CoapReply => ({
    code,
    payload: encodeFields(value),
    contentFormat: 60,
    maxAge: 0,
  });

  function putManifest(): CoapReply {
    const missing = stored.length < codeBytes ? [{ digest, size: codeBytes, have: stored.length }] : [];
    return cbor({ missing }, 0x41);
  }

  function putCode(request: CoapRequest): CoapReply {
    const { number, more, exponent } = decodeBlock(request.uintOf(option.block1) ?? 6);
    const offset = number * (16 << exponent);
    if (offset !== stored.length && offset !== 0) {
      const error = new RadonError('WRONG_OFFSET', { have: stored.length });
      return { code: 0x88, payload: encodeProblem(error), contentFormat: 257 };
    }
    stored.splice(offset, stored.length, ...request.body);
    return { code: more ? 0x5f : 0x41 };
  }

  function subscribe(path: string) {
    return (changed: () => void) => {
      const ofPath = watchers.get(path) ?? new Set();
      watchers.set(path, ofPath.add(changed));
      return () => ofPath.delete(changed);
    };
  }

  function answer(request: CoapRequest): CoapReply {
    const [first] = request.pathSegments;
    if (first === 'node') return cbor({ name: 'gauge-1', nstart: 2, uptimeMs: board.uptimeMs });
    if (first === 'time') return { code: 0x44 };
    if (first === 'atoms' && request.code === 3) return putManifest();
    if (first === 'images') return putCode(request);
    return {
      code: 0x84,
      payload: encodeProblem(new RadonError('NOT_FOUND', { name: request.path })),
      contentFormat: 257,
    };
  }

  const context = createCoapContext(link, {
    passBlocks: true,
    handler(request) {
      requests.push(`${request.code} ${request.path}`);
      const own = answers.get(request.path);
      const reply = own === undefined ? answer(request) : own(request);
      return request.observe === undefined ? reply : { ...reply, subscribe: subscribe(request.path) };
    },
  });
  const board: CoapBoard = {
    context,
    requests,
    stored,
    uptimeMs: 1_000,
    answers,
    changed(path) {
      for (const changed of [...(watchers.get(path) ?? [])]) changed();
    },
  };
  return board;
}
