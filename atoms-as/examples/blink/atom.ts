import { Code, Format, Io, Kv, Log, Output, Reply, Request, Timer, fail, publish } from "@radon/atoms-as/assembly";

/** The one channel, the one timer. */
const LED = 0;
const TICK = 0;

let period: i32 = 500;
let lit = false;

export function on_start(): void {
  if (Io.open("led0") != LED) fail("no channel led0");
  period = Kv.get<i32>("period", period);
  start();
}

export function on_timer(): i32 {
  lit = !lit;
  Io.write(LED, lit ? 1 : 0);
  return 0;
}

/** PUT to `period`: milliseconds between two changes, 10 to 60000. */
export function on_request(): i32 {
  if (!Request.isPut()) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  const wanted = Request.number();
  if (!(wanted >= 10 && wanted <= 60000)) return Reply.message(Code.BAD_REQUEST, "10 to 60000 ms");
  period = <i32>wanted;
  if (Kv.set<i32>("period", period) < 0) Log.warn("period not stored");
  start();
  return Reply.changed();
}

export function on_stop(): void {
  Io.write(LED, 0);
}

function start(): void {
  Timer.every(TICK, period);
  Output.begin();
  Output.integer(period);
  publish("period", Format.TEXT);
}
