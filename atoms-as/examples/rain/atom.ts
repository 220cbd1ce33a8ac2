import {
  Code, Format, Io, IoEdges, Kv, Log, LogLevel, Output, Reply, Request, Senml, fail, publish,
} from "@radon/atoms-as/assembly";

/** The rain gauge: one reading a day, in millimetres. */
const GAUGE = 0;

/** What is kept over restarts, in millimetres and days. */
@unmanaged
class State {
  latest: f64;
  days: f64;
  total: f64;
  /** A day above it is an alert. */
  threshold: f64;
}

const state = changetype<State>(memory.data(offsetof<State>(), 8));

export function on_start(): void {
  if (Io.watch(GAUGE, IoEdges.EVERY) < 0) fail("no channel rain0");
  if (!Kv.read("state", state)) state.threshold = 20;
  publishThreshold();
  publishReading();
}

/** One reading: counted, stored, published. */
export function on_io(): i32 {
  const reading = Io.reading();
  if (!(reading >= 0 && reading < 2000)) {
    Log.warn("not a rainfall");
    return 0;
  }
  state.latest = reading;
  state.days += 1;
  // Sums of tenths drift in binary; the gauge has three places.
  state.total = nearest((state.total + reading) * 1000) / 1000;
  keep();
  publishReading();
  return 0;
}

/** PUT to `threshold`: millimetres. */
export function on_request(): i32 {
  if (!Request.isPut() || !Request.isFor("threshold")) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  const wanted = Request.number();
  if (!(wanted >= 0 && wanted <= 1000)) return Reply.message(Code.BAD_REQUEST, "0 to 1000 mm");
  state.threshold = wanted;
  keep();
  publishThreshold();
  publishAlert();
  return Reply.changed();
}

function keep(): void {
  if (Kv.write("state", state) < 0) Log.warn("not stored");
}

function publishReading(): void {
  publishLevel(Format.SENML_JSON);
  publishLevel(Format.SENML_CBOR);
  publishLevel(Format.TEXT);
  publishAlert();
}

function publishLevel(format: i32): void {
  Senml.begin(format, 3);
  Senml.record(format, "latest", "mm", state.latest);
  Senml.record(format, "days", "count", state.days);
  Senml.record(format, "total", "mm", state.total);
  Senml.end(format);
  publish("level", format);
}

function publishThreshold(): void {
  Output.begin();
  Output.decimal(state.threshold);
  publish("threshold", Format.TEXT);
}

/** `0`, or the millimetres of a day above the threshold, which are logged too. */
function publishAlert(): void {
  const above = state.latest > state.threshold;
  Output.begin();
  Output.decimal(above ? state.latest : 0);
  publish("alert", Format.TEXT);
  if (!above) return;
  Output.text(" mm: above ");
  Output.decimal(state.threshold);
  Log.output(LogLevel.WARN);
}
