"""The real coordinator's client (model-runner-client), driven line by line: a JSON request in, a JSON answer out."""

import asyncio
import json
import sys

from model_runner_client.grpc.generated.commons_pb2 import Argument, KwArgument, Variant, VariantType
from model_runner_client.model_concurrent_runners.dynamic_subclass_model_concurrent_runner import (
    DynamicSubclassModelConcurrentRunner,
)
from model_runner_client.security.credentials import SecureCredentials
from model_runner_client.security.gateway_credentials import GatewayCredentials
from model_runner_client.utils.datatype_transformer import encode_data


def variant(kind, value):
    number = VariantType.Value(kind)
    return Variant(type=number, value=encode_data(number, value))


def arguments(request):
    positional = [
        Argument(position=index + 1, data=variant(kind, value))
        for index, (kind, value) in enumerate(request.get("args", []))
    ]
    keywords = [
        KwArgument(keyword=name, data=variant(kind, value))
        for name, (kind, value) in request.get("kwargs", {}).items()
    ]
    return positional, keywords


def credentials(options):
    if "secure" in options:
        return {"secure_credentials": SecureCredentials.from_directory(options["secure"])}
    if "gateway" in options:
        key = open(options["gateway"], "rb").read()
        return {"gateway_credentials": GatewayCredentials.from_pem(key_pem=key)}
    return {}


async def answer(runner, request):
    cluster = runner.model_cluster
    if request.get("models"):
        return {
            model_id: {"deployment": model.deployment_id, "name": model.model_name, "timeouts": model.consecutive_timeouts}
            for model_id, model in cluster.models_run.items()
        }
    results = await runner.call(request["call"], arguments(request), timeout=request.get("timeout"))
    return {
        model.model_id: {"status": result.status.value, "result": result.result, "detail": result.detail}
        for model, result in results.items()
    }


async def main():
    options = json.loads(sys.argv[1])
    runner = DynamicSubclassModelConcurrentRunner(
        timeout=30,
        # a fifth of it between health checks: at every time-out
        max_consecutive_timeouts=9,
        max_consecutive_failures=100,
        crunch_id=options["crunch_id"],
        host="127.0.0.1",
        port=options["port"],
        base_classname="cruncher.ModelBaseClass",
        instance_kwargs=arguments({"kwargs": options.get("instance", {})})[1],
        **credentials(options),
    )
    await runner.init()
    listening = asyncio.create_task(runner.sync())
    print(json.dumps({"ready": True}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        try:
            reply = await answer(runner, json.loads(line))
        except Exception as error:
            reply = {"error": repr(error)}
        print(json.dumps(reply), flush=True)
    listening.cancel()


asyncio.run(main())
