import { Code, Output, Reply, Request } from "@radon/atoms-as/assembly";

/** POST to `say`: the body comes back in the format it was sent in. */
export function on_request(): i32 {
  if (!Request.isPost()) return Reply.message(Code.METHOD_NOT_ALLOWED, "POST a body");
  Output.begin();
  Output.payload();
  return Reply.content(Request.format());
}
