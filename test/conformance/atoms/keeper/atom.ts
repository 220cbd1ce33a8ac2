import { Code, Format, Kv, Log, Method, Reply, Request, Self, Writer } from "@radon/atoms-as/assembly";

const out = new Writer(128);
let starts: i32 = 0;

export function on_start(): void {
  starts = Kv.get<i32>("starts", 0) + 1;
  Kv.set<i32>("starts", starts);
  Log.info("started");
}

export function on_stop(): void {
  Log.info("stopped");
}

export function on_request(): i32 {
  if (Request.isFor("kv")) return keyValue(Request.query);
  if (Request.isFor("starts")) return Reply.content(out.clear(Format.TEXT).integer(starts));
  if (Request.isFor("exit")) {
    Self.exit(7);
    return Reply.changed();
  }
  return Reply.text(Self.name);
}

/** The query is the key; GET of `*` lists the keys. */
function keyValue(key: string): i32 {
  if (Request.isPut) return Reply.content(out.clear(Format.TEXT).integer(Kv.setText(key, Request.text)));
  if (Request.method == Method.DELETE) return Reply.content(out.clear(Format.TEXT).integer(Kv.remove(key)));
  if (key == "*") return Reply.text(Kv.keys().join(","));
  const value = Kv.text(key);
  return value === null ? Reply.empty(Code.NOT_FOUND) : Reply.text(value);
}
