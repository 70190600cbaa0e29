# No-op tasks on a dask.distributed cluster of this machine: a scheduler and two worker processes of one thread.
import json
import statistics
import time

from distributed import Client, LocalCluster


def task(x):
    return 10 * x**2


if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        client.gather([client.submit(task, x, pure=False) for x in range(200)])
        count = 2000
        start = time.perf_counter()
        futures = [client.submit(task, x, pure=False) for x in range(count)]
        assert sum(client.gather(futures)) == sum(10 * x**2 for x in range(count))
        rate = count / (time.perf_counter() - start)
        trips = []
        for x in range(100):
            begin = time.perf_counter()
            client.submit(task, x, pure=False).result()
            trips.append(1000 * (time.perf_counter() - begin))
        print(json.dumps({"rate": rate, "tripMs": statistics.median(trips)}))
