"""An aiocoap server that registers itself: python aiocoap_registrant.py DIRECTORY_URI registerer|simple; ends with its input."""

import asyncio
import sys

import aiocoap
from aiocoap import resource
from aiocoap.resourcedirectory.client.register import Registerer


class Who(resource.Resource):
    rt = "who"

    async def render_get(self, request):
        return aiocoap.Message(payload=b"aiocoap", content_format=0)


async def main(directory, way):
    site = resource.Site()
    site.add_resource([".well-known", "core"], resource.WKCResource(site.get_resources_as_linkheader))
    site.add_resource(["whoami"], Who())
    context = await aiocoap.Context.create_server_context(site, bind=("127.0.0.1", 0))
    registerer = None
    if way == "registerer":
        registerer = Registerer(context, rd=directory, lt=60, registration_parameters={"ep": "aiocoap-1"})
    else:
        request = aiocoap.Message(code=aiocoap.POST, uri=f"{directory}/.well-known/rd?ep=aiocoap-1&lt=60")
        await context.request(request).response_raising
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    if registerer is not None:
        # It removes only what it was told the location of.
        while registerer.state == "registering":
            await asyncio.sleep(0.01)
        await registerer.shutdown()
    await context.shutdown()


asyncio.run(main(*sys.argv[1:]))
