import { createCoapContext, type LoadResult, runLoad } from '@radon/bridge/coap';
import { openUdpClient } from '@radon/bridge/link';
import { method } from '@radon/bridge/tables';
import { type CommandContext, type CommandModule, invocation } from '../command-line.ts';
import { withDeadline } from '../deadline.ts';
import { exitCode } from '../failure.ts';
import { numberOption, wholeNumberOption } from '../number-option.ts';
import { type CoapTarget, noAnswer, parseCoapUri, resolveTarget } from './coap.ts';

interface Options {
  readonly clients: number;
  readonly rounds?: number;
  readonly duration?: number;
  readonly non?: boolean;
  readonly post?: string;
}

const answerWithinMs = 5_000;

/** Asks for a sign of life (CoAP ping, RFC 7252 section 4.3) before many clients wait for what nobody answers. */
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

const ms = (value: number) => `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;

function liveLine({ answered, lost, perSecond, latency }: LoadResult): string {
  return `${answered} answered, ${lost} lost, ${Math.round(perSecond)}/s, median ${ms(latency.p50)}`;
}

function printReport(result: LoadResult, { output }: CommandContext): void {
  output.result(result);
  const { latency } = result;
  output.line(
    `${result.clients} clients, ${(result.elapsedMs / 1000).toFixed(2)} s, ${Math.round(result.perSecond)} answers/s`,
  );
  const codes = Object.entries(result.codes).map(([code, count]) => `${count} × ${code}`);
  output.line(
    `sent ${result.sent}  answered ${result.answered}  lost ${result.lost}  retransmissions ${result.retransmissions}  ${codes.join(', ')}`,
  );
  output.table(
    ['MIN', 'P50', 'P90', 'P99', 'MAX', 'MEAN'],
    [[latency.min, latency.p50, latency.p90, latency.p99, latency.max, latency.mean].map(ms)],
  );
  const most = Math.max(1, ...result.histogram.map((bucket) => bucket.count));
  for (const { upToMs, count } of result.histogram) {
    output.line(
      `  ≤ ${ms(upToMs).padStart(8)}  ${'█'.repeat(Math.round((40 * count) / most)).padEnd(40)} ${count}`,
    );
  }
}

const load: CommandModule = (program, context) => {
  const { output, signal } = context;
  program
    .command('load')
    .description('Put CoAP load on a resource: each client asks, waits for the answer, asks again.')
    .argument('<uri>', 'coap://HOST[:PORT]/PATH')
    .option(
      '--clients <n>',
      'concurrent clients, each with a port of its own',
      wholeNumberOption('--clients', 1, 1000),
      1,
    )
    .option(
      '--rounds <n>',
      'requests of each client (default: 100, or without end with --duration)',
      wholeNumberOption('--rounds', 1, 1e9),
    )
    .option('--duration <s>', 'end after so many seconds', numberOption('--duration', 0.001, 86_400))
    .option('--non', 'non-confirmable: what is lost stays lost')
    .option('--post <text>', 'POST this body instead of GET')
    .addHelpText('after', `\nExample: ${invocation} load coap://127.0.0.1:5701/node --clients 12 --rounds 15`)
    .action(async (uri: string, options: Options) => {
      const target = await resolveTarget(parseCoapUri(uri));
      const { host, port, path, query } = target;
      await checkAnswers(target, signal);
      const rounds = options.rounds ?? (options.duration === undefined ? 100 : undefined);
      const body = options.post === undefined ? {} : { payload: new TextEncoder().encode(options.post) };
      const result = await runLoad({
        connect: async () => createCoapContext(await openUdpClient({ host, port })),
        request: {
          method: options.post === undefined ? method.GET : method.POST,
          path,
          query,
          confirmable: options.non !== true,
          ...body,
        },
        clients: options.clients,
        ...(rounds === undefined ? {} : { rounds }),
        ...(options.duration === undefined ? {} : { durationMs: 1000 * options.duration }),
        signal,
        onProgress: (progress) => output.progress(liveLine(progress)),
      });
      output.progress();
      printReport(result, context);
      signal.throwIfAborted();
      if (result.lost > 0) process.exitCode = exitCode.failed;
    });
};

export default load;
