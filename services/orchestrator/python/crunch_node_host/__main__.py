"""``python -m crunch_node_host --code-directory <folder> --main-file main.py --address 127.0.0.1:50051``"""

import argparse
from concurrent.futures import ThreadPoolExecutor

import grpc

from .service import Model

LARGEST_MESSAGE = 64 * 1024 * 1024


def main():
    parser = argparse.ArgumentParser(prog="crunch_node_host", description="Serves one Python model over gRPC.")
    parser.add_argument("--code-directory", default=".")
    parser.add_argument("--main-file", default="main.py")
    parser.add_argument("--address", default="127.0.0.1:50051")
    options = parser.parse_args()
    server = grpc.server(
        # health checks are answered while a call runs, and a call that comes meanwhile is refused
        ThreadPoolExecutor(max_workers=4),
        options=[
            ("grpc.max_send_message_length", LARGEST_MESSAGE),
            ("grpc.max_receive_message_length", LARGEST_MESSAGE),
            ("grpc.so_reuseport", 0),
        ],
    )
    server.add_generic_rpc_handlers(Model(options.code_directory, options.main_file).handlers())
    server.add_insecure_port(options.address)
    server.start()
    print(f"serving {options.code_directory} at {options.address}", flush=True)
    server.wait_for_termination()


main()
