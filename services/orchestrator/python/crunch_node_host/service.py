"""The service: one instance, one call at a time."""

import inspect
import threading
import traceback

import grpc

from . import wire
from .find import participants_class


class Model:
    def __init__(self, folder, main_file):
        self._folder = folder
        self._main_file = main_file
        self._busy = threading.Lock()
        self._instance = None

    def _alone(self, work):
        """Whatever comes while a call is in progress is refused."""

        def handle(request, context):
            if not self._busy.acquire(blocking=False):
                context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "the model works on another call")
            try:
                return work(request)
            finally:
                self._busy.release()

        return grpc.unary_unary_rpc_method_handler(handle)

    def _setup(self, request):
        try:
            name, args, kwargs = wire.request(request)
            if not name.strip():
                return wire.status("INVALID_ARGUMENT", "expected a class name")
            if self._instance is None:
                self._instance = participants_class(self._folder, self._main_file, name.strip())(*args, **kwargs)
            return wire.status("SUCCESS")
        except ImportError as error:
            traceback.print_exc()
            return wire.status("BAD_IMPLEMENTATION", str(error))
        except Exception as error:
            traceback.print_exc()
            return wire.status("SETUP_FAILED", f"{type(error).__name__}: {error}")

    def _call(self, request):
        if self._instance is None:
            return wire.status("FAILED_PRECONDITION", "expected Setup before Call")
        try:
            name, args, kwargs = wire.request(request)
            if not name:
                return wire.status("INVALID_ARGUMENT", "expected a method name")
            method = getattr(self._instance, name, None)
            if method is None:
                kind = type(self._instance).__name__
                return wire.status("BAD_IMPLEMENTATION", f'Method "{name}" not found in class "{kind}"')
            further = list(inspect.signature(method).parameters)[len(args) :]
            return wire.answer(method(*args, **{key: value for key, value in kwargs.items() if key in further}))
        except (Exception, SystemExit) as error:
            traceback.print_exc()
            return wire.status("MODEL_FAILED", f"The model raised an exception: {error}")

    def _reset(self, _request):
        self._instance = None
        return wire.status("SUCCESS")

    def handlers(self):
        health = grpc.unary_unary_rpc_method_handler(lambda _request, _context: wire.SERVING)
        return [
            grpc.method_handlers_generic_handler(
                "dynamic_subclass.DynamicSubclassService",
                {"Setup": self._alone(self._setup), "Call": self._alone(self._call), "Rest": self._alone(self._reset)},
            ),
            grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": health}),
        ]
