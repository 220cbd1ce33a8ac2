import { createEndpoint, type Endpoint } from './link.ts';

/**
 * The endpoints of one socket, by port and then by address: comparing one short string is cheaper than building a key.
 * Bounded; endpoints that somebody retains are never forgotten.
 */
export class UdpEndpoints {
  private readonly byPort = new Map<number, Endpoint[]>();
  private readonly limit: number;
  private readonly trusted: boolean;
  private count = 0;
  private sweepAt: number;

  constructor(limit: number, trusted: boolean) {
    this.limit = limit;
    this.trusted = trusted;
    this.sweepAt = Math.min(limit, 4_096);
  }

  get size(): number {
    return this.count;
  }

  /** Undefined for port 0, to which nothing can be sent (RFC 768), and when the table is full of endpoints in use. */
  get(address: string, port: number): Endpoint | undefined {
    if (port === 0) return undefined;
    const known = this.byPort.get(port);
    if (known !== undefined) {
      for (const endpoint of known) if (endpoint.address === address) return endpoint;
    }
    return this.add(address, port);
  }

  private add(address: string, port: number): Endpoint | undefined {
    if (this.count >= this.sweepAt) this.sweep();
    if (this.count >= this.limit) return undefined;
    const endpoint = createEndpoint(address, port, this.trusted);
    const known = this.byPort.get(port);
    if (known === undefined) this.byPort.set(port, [endpoint]);
    else known.push(endpoint);
    this.count += 1;
    return endpoint;
  }

  private sweep(): void {
    this.count = 0;
    for (const [port, endpoints] of this.byPort) {
      const used = endpoints.filter(({ retained }) => retained > 0);
      if (used.length === 0) this.byPort.delete(port);
      else this.byPort.set(port, used);
      this.count += used.length;
    }
    this.sweepAt = Math.min(this.limit, Math.max(4_096, this.count * 2));
  }
}
