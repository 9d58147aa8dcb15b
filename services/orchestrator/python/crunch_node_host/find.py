"""Finds the participant's class among the modules of a folder."""

import importlib
import inspect
import pkgutil
import sys
import traceback


def base_class(name):
    module, _, cls = name.rpartition(".")
    if not module:
        raise ValueError(f"expected a class as module.Class, received {name}")
    found = getattr(importlib.import_module(module), cls, None)
    if not inspect.isclass(found):
        raise ValueError(f"expected {name} to be a class, found {'nothing' if found is None else type(found)}")
    return found


def participants_class(folder, main_file, name):
    """The first class derived from the named one, the main file's before others'. Raises ImportError."""
    if folder not in sys.path:
        sys.path.append(folder)
    base = base_class(name)
    package = name.partition(".")[0]
    main = main_file.removesuffix(".py")
    modules = [module for _, module, _ in pkgutil.walk_packages([folder])]
    faults = []
    for module_name in sorted(modules, key=lambda module: module != main):
        try:
            module = importlib.import_module(module_name)
        except Exception as error:
            traceback.print_exc()
            faults.append(f"{module_name} cannot be imported: {type(error).__name__}: {error}")
            continue
        for _, candidate in inspect.getmembers(module, inspect.isclass):
            ours = candidate.__module__ == package or candidate.__module__.startswith(f"{package}.")
            if candidate is not base and not ours and issubclass(candidate, base):
                return candidate
    raise ImportError("; ".join([f"expected a class derived from {name}, found none", *faults]))
