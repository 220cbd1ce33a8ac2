/** A body that goes on to the client block by block, while the rest of it is still to come. */
import { Readable } from 'node:stream';
import type { NodeResponse } from '../registry/node.ts';
import type { HttpReply } from './message.ts';

export type OnPart = (part: NodeResponse, offset: number) => void;

/** The reply to an answer that may come in parts; `headOf` knows what a first block is the beginning of, if that will do. */
export class ReplyInParts {
  readonly onPart: OnPart;
  #body: PartedBody | undefined;
  #begun: HttpReply | undefined;
  #begin: ((reply: HttpReply) => void) | undefined;

  constructor(headOf: (first: NodeResponse) => HttpReply | undefined) {
    this.onPart = (part, offset) => {
      const head = this.#body === undefined && offset === 0 ? headOf(part) : undefined;
      if (head !== undefined) this.#start(head);
      this.#body?.add(part.payload, offset);
    };
  }

  /** Resolves with what `replyOf` makes of the whole, or, when the first block is there, with its head and `parts`. */
  of(answer: Promise<NodeResponse>, replyOf: (whole: NodeResponse) => HttpReply): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      this.#begin = resolve;
      if (this.#begun !== undefined) resolve(this.#begun);
      const fail = (error: unknown) => (this.#body === undefined ? reject(error) : this.#body.fail(error));
      answer.then((whole) => {
        try {
          const reply = replyOf(whole);
          if (this.#body === undefined) resolve(reply);
          else this.#body.end(reply);
        } catch (error) {
          fail(error);
        }
      }, fail);
    });
  }

  #start(head: HttpReply): void {
    this.#body = new PartedBody();
    this.#begun = { ...head, parts: this.#body.stream };
    this.#begin?.(this.#begun);
  }
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
