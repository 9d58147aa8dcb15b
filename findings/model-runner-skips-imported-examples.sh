#!/usr/bin/env bash
# One would expect a submission whose main.py imports an example model of its challenge package, such as
# `from challenge.examples import Example as Model`, to be served: the class is there and derives from the base class.
# True: crunch-model-runner 0.4.2 passes over every class whose module lies in the package of the base class, whatever
# main.py calls it, and answers BAD_IMPLEMENTATION "No Inherited class found". A subclass written in main.py, with
# nothing in it but `pass`, is served. The rule is by package, not by class: it is meant for the base class itself.
# Source: PyPI crunch-model-runner 0.4.2 (model_runner/utils/class_resolver.py), Python 3.11.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check crunch-model-runner==0.4.2
mkdir -p challenge imported derived
printf 'class Base:\n    pass\n' > challenge/__init__.py
printf 'from challenge import Base\n\n\nclass Example(Base):\n    pass\n' > challenge/examples.py
printf 'from challenge.examples import Example as Model\n' > imported/main.py
printf 'from challenge.examples import Example\n\n\nclass Model(Example):\n    pass\n' > derived/main.py
found() {
  PYTHONPATH=$dir venv/bin/python - "$1" <<'PY' 2>/dev/null
import sys
from model_runner.utils.class_resolver import load_instance
try:
    print(type(load_instance(sys.argv[1], "challenge.Base")).__name__)
except ImportError as error:
    print("ImportError:", str(error).split(" from ")[0])
PY
}
imported=$(found imported); derived=$(found derived)
echo "imported: $imported"; echo "derived: $derived"
[ "$imported" = "ImportError: No Inherited class found" ] && [ "$derived" = "Model" ]
