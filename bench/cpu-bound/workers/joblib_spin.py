"""Reads lines of JSON lists of milliseconds; spins so long in each task on joblib's loky; answers the seconds it took."""

import json
import sys
import time

from joblib import Parallel, delayed


def spin(ms):
    end = time.perf_counter() + ms / 1000
    while time.perf_counter() < end:
        pass
    return ms


with Parallel(n_jobs=int(sys.argv[1]), backend="loky") as parallel:
    for line in sys.stdin:
        durations = json.loads(line)
        start = time.perf_counter()
        results = parallel(delayed(spin)(ms) for ms in durations)
        print(time.perf_counter() - start, len(results), flush=True)
