/** A CoAP server under load: a source port for each client, and further ones when the message IDs of a port are spent. */
import { createCoapContext, createCoapLoadClient, createCoapPool } from '@radon/bridge/coap';
import { openUdpClient, type UdpLink } from '@radon/bridge/link';
import { method } from '@radon/bridge/tables';
import { type CoapTarget, noAnswer, parseCoapUri, resolveTarget } from '../commands/coap.ts';
import { withDeadline } from '../deadline.ts';
import { parseMethod, readBody } from '../exchange.ts';
import { CommandFailure } from '../failure.ts';
import { answerWithinMs, type LoadRequestOptions, type LoadTarget } from './target.ts';

export interface CoapLoadOptions extends LoadRequestOptions {
  readonly non?: boolean;
  /** The most source ports. */
  readonly ports: number;
}

export async function openCoapTarget(uri: string, options: CoapLoadOptions): Promise<LoadTarget> {
  const target = await resolveTarget(parseCoapUri(uri));
  const payload = readBody(options);
  const verb = options.method === undefined ? undefined : parseMethod(options.method);
  const name = verb ?? (payload === undefined ? 'GET' : 'POST');
  const request = {
    method: method[name],
    path: target.path,
    query: target.query,
    confirmable: options.non !== true,
    ...(payload !== undefined && { payload }),
    ...(options.format !== undefined && { contentFormat: options.format }),
    ...(options.accept !== undefined && { accept: options.accept }),
  };
  const ports = createPorts(target, options.ports);
  return {
    method: name,
    get ports() {
      return ports.used;
    },
    checkAnswers: (signal) => checkAnswers(target, signal),
    async connect() {
      const pool = createCoapPool(await ports.open(), ports.open, { maxLinks: Number.POSITIVE_INFINITY });
      return createCoapLoadClient(pool, request);
    },
  };
}

/** Ports are kept open: the system must not give one to another socket while its message IDs are in use. */
function createPorts(target: CoapTarget, most: number) {
  const links: UdpLink[] = [];
  return {
    async open(): Promise<UdpLink> {
      if (links.length >= most) throw spent(most);
      const link = await openUdpClient(target).catch((cause: unknown) => {
        throw noPort(links.length, cause);
      });
      links.push(link);
      return link;
    },
    /** Those that carried anything. */
    get used(): number {
      return links.filter(({ counters }) => counters.datagramsOut > 0).length;
    },
  };
}

function spent(ports: number): CommandFailure {
  return new CommandFailure(
    `The message IDs of a source port are spent, and no more than ${ports} may be used.`,
    {
      remedy: 'Allow more with --ports, or ask less: each is good for 60,000 requests in 247 s.',
    },
  );
}

function noPort(open: number, cause: unknown): CommandFailure {
  return new CommandFailure(`No UDP port can be opened beside the ${open} in use.`, {
    remedy: 'Raise the limit of open files (ulimit -n), or lower --clients or --rate.',
    cause,
  });
}

/** A CoAP ping (RFC 7252 section 4.3). */
async function checkAnswers(target: CoapTarget, signal: AbortSignal): Promise<void> {
  const client = createCoapContext(await openUdpClient(target));
  try {
    await withDeadline(answerWithinMs, signal, (deadline) => client.ping({ signal: deadline }));
  } catch (cause) {
    throw signal.aborted ? cause : noAnswer(target, cause);
  } finally {
    await client.close();
  }
}
