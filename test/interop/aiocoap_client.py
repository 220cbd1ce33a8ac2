"""aiocoap as a CoAP client: python aiocoap_client.py REQUEST_JSON; prints what came as one line of JSON each.

The request: {"uri": …, "method": "GET"}, and as needed "accept" and "format" (numbers), "hex" (the body), "block" (bytes of
the blocks asked for or sent), "observe" (how many notifications to wait for), "confirmable" (default true) and "proxy" (its URI).
A line: {"code": "2.05", "format": 60, "hex": …}.
"""

import asyncio
import json
import sys

import aiocoap
from aiocoap.numbers.codes import Code
from aiocoap.numbers.types import Type
from aiocoap.proxy.client import ProxyForwarder


def exponent(size):
    return size.bit_length() - 5


def build(wanted):
    message = aiocoap.Message(
        code=getattr(Code, wanted["method"]),
        uri=wanted["uri"],
        mtype=Type.CON if wanted.get("confirmable", True) else Type.NON,
        payload=bytes.fromhex(wanted.get("hex", "")),
    )
    if "accept" in wanted:
        message.opt.accept = wanted["accept"]
    if "format" in wanted:
        message.opt.content_format = wanted["format"]
    if "block" in wanted:
        message.remote.maximum_block_size_exp = exponent(wanted["block"])
        if not message.payload:
            message.opt.block2 = (0, False, exponent(wanted["block"]))
    if wanted.get("observe"):
        message.opt.observe = 0
    return message


def show(response):
    line = {
        "code": f"{response.code.class_}.{response.code & 31:02}",
        "format": None if response.opt.content_format is None else int(response.opt.content_format),
        "hex": response.payload.hex(),
    }
    print(json.dumps(line), flush=True)


async def main(wanted):
    context = await aiocoap.Context.create_client_context()
    try:
        way = ProxyForwarder(wanted["proxy"], context) if "proxy" in wanted else context
        request = way.request(build(wanted))
        show(await request.response)
        if wanted.get("observe"):
            left = wanted["observe"]
            async for notification in request.observation:
                show(notification)
                left -= 1
                if left == 0:
                    break
            request.observation.cancel()
    finally:
        await context.shutdown()


asyncio.run(main(json.loads(sys.argv[1])))
