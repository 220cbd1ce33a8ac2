/** A body that goes on to the client block by block, while the rest of it is still to come. */
import { Readable } from 'node:stream';
import type { NodeResponse } from '../registry/node.ts';
import type { HttpReply } from './message.ts';

export type OnPart = (part: NodeResponse, offset: number) => void;

/**
 * Resolves with the reply that `answer` makes of the whole, or before, when the first block is there and `headOf` knows
 * what it is the beginning of: then with that and the body as `parts`.
 */
export function replyInParts(
  answer: (onPart: OnPart) => Promise<HttpReply>,
  headOf: (first: NodeResponse) => HttpReply | undefined,
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    let body: PartedBody | undefined;
    const onPart: OnPart = (part, offset) => {
      const head = body === undefined && offset === 0 ? headOf(part) : undefined;
      if (head !== undefined) {
        body = new PartedBody();
        resolve({ ...head, parts: body.stream });
      }
      body?.add(part.payload, offset);
    };
    answer(onPart).then(
      (reply) => (body === undefined ? resolve(reply) : body.end(reply)),
      (error) => (body === undefined ? reject(error) : body.fail(error)),
    );
  });
}

class PartedBody {
  readonly stream = new Readable({ read() {} });
  #sent = 0;

  constructor() {
    // The connection is cut by whoever reads; nobody does when the client has gone.
    this.stream.on('error', () => {});
  }

  /** A body that begins anew cannot take back what was sent. */
  add(bytes: Uint8Array, offset: number): void {
    if (offset === this.#sent) {
      this.#sent += bytes.length;
      this.stream.push(bytes);
    } else this.fail(new Error('the body changed while it was sent'));
  }

  /** `whole` is what would have been sent at once. */
  end({ status, body }: HttpReply): void {
    if (status === 200 && body.length === this.#sent) this.stream.push(null);
    else this.fail(new Error('the body has another end'));
  }

  fail(error: unknown): void {
    this.stream.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}
