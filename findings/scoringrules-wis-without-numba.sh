#!/usr/bin/env bash
# Expected: the weighted interval score of a forecast whose quantiles are all one point is the distance to that point, as
#   its documentation has it: w0 |y - m| + the sum of w_k times the interval scores, over K + 1/2.
# True: only with numba installed. The backend that is taken without it (numpy) adds w0 m, the median itself, so that the
#   score grows with the level of the forecasts and not with their error. Scores of both backends then rank differently.
# Seen with: scoringrules 0.10.0, numpy 2.4.6, numba 0.68.1. Source: seen by running it; the documentation of
#   weighted_interval_score; Bracher and others 2021, doi 10.1371/journal.pcbi.1008618.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scoringrules==0.10.0 numpy==2.4.6 numba==0.68.1
"$folder/venv/bin/python" - <<'PY'
import sys

import numpy as np
import scoringrules

point = lambda truth, m, backend: float(
    scoringrules.weighted_interval_score(truth, m, np.array([m]), np.array([m]), np.array([0.5]), backend=backend)
)
seen = {}
for backend in ("numba", "numpy"):
    seen[backend] = [round(point(truth, m, backend), 6) for truth, m in ((10.0, 7.0), (110.0, 107.0))]
    print(f"{backend}: a point 3 away scores {seen[backend][0]} at the level 10, {seen[backend][1]} at the level 110")
sys.exit(0 if seen["numba"] == [3.0, 3.0] and seen["numpy"][0] != 3.0 and seen["numpy"][1] > 20 else 1)
PY
