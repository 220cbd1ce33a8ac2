import { Code, Format, Kv, Log, Method, Output, Reply, Request, Self } from "@radon/atoms-as/assembly";

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
  if (Request.isFor("kv")) return keyValue(Request.query());
  if (Request.isFor("starts")) return number(starts);
  if (Request.isFor("exit")) {
    Self.exit(7);
    return Reply.changed();
  }
  return Reply.text(Self.name());
}

function number(value: i32): i32 {
  Output.begin();
  Output.integer(value);
  return Reply.content(Format.TEXT);
}

/** The query is the key; GET of `*` lists the keys. */
function keyValue(key: string): i32 {
  if (Request.isPut()) return number(Kv.setText(key, Request.text()));
  if (Request.method() == Method.DELETE) return number(Kv.remove(key));
  if (key == "*") return Reply.text(Kv.keys().join(","));
  const value = Kv.text(key);
  return value === null ? Reply.empty(Code.NOT_FOUND) : Reply.text(value);
}
