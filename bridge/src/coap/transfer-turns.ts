/**
 * Upstream sees one endpoint, so Block1 transfers of different clients to one resource would be taken for one: they take
 * turns instead. A turn ends with the transfer, or when its client falls silent.
 */
import type { Clock } from '../link/clock.ts';
import type { Endpoint } from '../link/link.ts';
import { code } from './codes.ts';
import type { CoapReply, CoapRequest } from './types.ts';

/**
 * A client that sends no block for so long after an answer has lost its turn, milliseconds. The UDP port is on loopback,
 * where answers do not get lost; who is slower and comes back is told that a block is missing (4.08) and starts again.
 */
const silenceMs = 1_000;
const maxWaiting = 64;
const retryAfterS = 5;

interface Turn {
  owner: Endpoint;
  /** Blocks of the owner on their way. */
  active: number;
  cancelTimer: (() => void) | undefined;
  readonly waiting: { readonly from: Endpoint; readonly go: () => void }[];
}

export class TransferTurns {
  private readonly clock: Clock;
  private readonly turns = new Map<string, Turn>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Passes one block on when it is its client's turn. */
  async take(request: CoapRequest, pass: () => Promise<CoapReply>): Promise<CoapReply> {
    const key = request.pathSegments.join('/');
    const turn = await this.enter(key, request.from);
    if (turn === undefined) return { code: code.serviceUnavailable, maxAge: retryAfterS };
    turn.active += 1;
    let isLast = true;
    try {
      const reply = await pass();
      isLast = reply.code !== code.continue;
      return reply;
    } finally {
      turn.active -= 1;
      if (turn.active === 0 && isLast) this.pass(key, turn);
      else if (turn.active === 0) this.expectNext(key, turn);
    }
  }

  private async enter(key: string, from: Endpoint): Promise<Turn | undefined> {
    const turn = this.turns.get(key);
    if (turn === undefined) {
      const fresh: Turn = { owner: from, active: 0, cancelTimer: undefined, waiting: [] };
      this.turns.set(key, fresh);
      return fresh;
    }
    if (turn.owner === from) {
      turn.cancelTimer?.();
      return turn;
    }
    if (turn.waiting.length >= maxWaiting) return undefined;
    await new Promise<void>((go) => turn.waiting.push({ from, go }));
    return turn;
  }

  private expectNext(key: string, turn: Turn): void {
    turn.cancelTimer = this.clock.wakeAt(this.clock.now() + silenceMs, () => this.pass(key, turn));
  }

  private pass(key: string, turn: Turn): void {
    const next = turn.waiting.shift();
    if (next === undefined) {
      this.turns.delete(key);
      return;
    }
    turn.owner = next.from;
    next.go();
  }
}
