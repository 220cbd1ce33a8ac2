import { Code, Format, Kv, Output, Reply, Request, publish } from "@radon/atoms-as/assembly";

let count: i32 = 0;

/** Called once when the instance is created; what was stored is there after restarts and updates. */
export function on_start(): void {
  count = Kv.get<i32>("count", 0);
  show();
}

/** POST to `count` counts. GET never comes here: the node serves what was published. */
export function on_request(): i32 {
  if (!Request.isPost()) return Reply.empty(Code.METHOD_NOT_ALLOWED);
  count += 1;
  Kv.set<i32>("count", count);
  show();
  return Reply.changed();
}

function show(): void {
  Output.begin();
  Output.integer(count);
  publish("count", Format.TEXT);
}
