import { Code, Reply, Request, Writer } from "@radon/atoms-as/assembly";

const answer = new Writer(256);

/** POST to `say`: the body comes back in the format it was sent in. */
export function on_request(): i32 {
  if (!Request.isPost) return Reply.message(Code.METHOD_NOT_ALLOWED, "POST a body");
  return Reply.content(answer.clear(Request.format).payload());
}
