"""Serves one Python model over the model runner protocol, with grpcio and nothing else.

For development, where ``crunch-model-runner`` is not installed: the same methods, codes and encodings.
"""
