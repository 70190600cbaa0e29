# Prints microseconds of joblib.hash for a small config, and MB/s for an array of 64 MB.
import time
import joblib
import numpy


def median_seconds(run, rounds, calls):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            run()
        times.append((time.perf_counter() - start) / calls)
    return sorted(times)[rounds // 2]


config = {"alpha": 0.5, "name": "lr", "layers": [64, 32], "early": True, "seed": None}
array = numpy.arange(2**23, dtype=numpy.float64)
print(1e6 * median_seconds(lambda: joblib.hash(config), 5, 2000))
print(array.nbytes / 1e6 / median_seconds(lambda: joblib.hash(array), 5, 1))
