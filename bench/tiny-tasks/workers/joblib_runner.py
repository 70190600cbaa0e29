"""Reads lines 'N' from stdin; runs N calls with joblib on the backend named in argv; answers 'seconds sum'."""

import sys
import time

from joblib import Parallel, delayed


def ten_squared(x):
    return 10 * x**2


with Parallel(n_jobs=int(sys.argv[2]), backend=sys.argv[1]) as parallel:
    for line in sys.stdin:
        start = time.perf_counter()
        total = sum(parallel(delayed(ten_squared)(x) for x in range(int(line))))
        print(time.perf_counter() - start, total, flush=True)
