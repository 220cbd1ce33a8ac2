import {
  Code, Format, Io, IoEdges, Kv, Log, LogLevel, Reply, Request, SenmlWriter, fail, publish,
} from "@radon/atoms-as/assembly";

/** The rain gauge: one reading a day, in millimetres. */
const GAUGE = 0;
/** Places in `totals`. */
const LATEST = 0;
const DAYS = 1;
const TOTAL = 2;

const totals = new StaticArray<f64>(3);
const pack = new SenmlWriter(128);
/** Millimetres a day above which there is an alert. */
let threshold: f64 = 20;

export function on_start(): void {
  if (Io.open("rain0") != GAUGE) fail("no channel rain0");
  Kv.read<f64>("totals", totals);
  threshold = Kv.get<f64>("threshold", threshold);
  Io.watch(GAUGE, IoEdges.EVERY);
  publishThreshold();
  publishLevel();
  publishAlert();
}

/** One reading: counted, stored, published. */
export function on_io(): i32 {
  const reading = Io.reading;
  if (!(reading >= 0 && reading < 2000)) {
    Log.warn("not a rainfall");
    return 0;
  }
  totals[LATEST] = reading;
  totals[DAYS] += 1;
  // Sums of tenths drift in binary; the gauge has three places.
  totals[TOTAL] = Math.round((totals[TOTAL] + reading) * 1000) / 1000;
  if (Kv.write<f64>("totals", totals) < 0) Log.warn("totals not stored");
  publishLevel();
  publishAlert();
  return 0;
}

/** PUT to `threshold`: millimetres. */
export function on_request(): i32 {
  if (!Request.isPut || !Request.isFor("threshold")) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  const wanted = Request.number;
  if (!(wanted >= 0 && wanted <= 1000)) return Reply.message(Code.BAD_REQUEST, "0 to 1000 mm");
  threshold = wanted;
  Kv.set<f64>("threshold", threshold);
  publishThreshold();
  publishAlert();
  return Reply.changed();
}

function publishLevel(): void {
  publish("level", level(Format.SENML_JSON));
  publish("level", level(Format.SENML_CBOR));
  publish("level", level(Format.TEXT));
}

function level(format: i32): SenmlWriter {
  return pack
    .begin(format, 3)
    .record("latest", "mm", totals[LATEST])
    .record("days", "count", totals[DAYS])
    .record("total", "mm", totals[TOTAL])
    .end();
}

function publishThreshold(): void {
  publish("threshold", pack.clear().decimal(threshold));
}

/** `0`, or the millimetres of a day above the threshold, which are logged too. */
function publishAlert(): void {
  const latest = totals[LATEST];
  pack.clear().decimal(latest > threshold ? latest : 0);
  publish("alert", pack);
  if (latest > threshold) Log.line(LogLevel.WARN, pack.text(" mm: above ").decimal(threshold));
}
