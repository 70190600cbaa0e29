# Measures joblib.Memory: a name of a measurement and numbers a line, the answer as JSON a line.
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import joblib
import numpy
from joblib import Memory

folder = tempfile.mkdtemp(prefix='joblib-bench-', dir=sys.argv[1])
config = {'C': 0.1, 'penalty': 'l2', 'n': [1, 2, 3], 'deep': {'a': 1, 'b': 'x'}}


def small(x, config):
    return config['C'] * 2 + x


def large(x):
    return numpy.full(8 * 1024 * 1024, float(x))


memory = Memory(f'{folder}/small', verbose=0)
cached = memory.cache(small)
big = Memory(f'{folder}/large', verbose=0).cache(large)
asked = 0


def timed(work, count):
    start = time.perf_counter()
    for at in range(count):
        work(at)
    return (time.perf_counter() - start) / count * 1e6


def calls(count):
    """Microseconds of a miss, then of a hit."""
    global asked
    first, asked = asked, asked + count
    return [timed(lambda at: cached(first + at, config), count) for _ in range(2)]


def hashes(count):
    array = numpy.arange(8 * 1024 * 1024, dtype='float64')
    joblib.hash(array)
    return [timed(lambda at: joblib.hash([at, config]), count), timed(lambda _: joblib.hash(array), 1)]


def arrays(round_):
    array = [None]
    store = timed(lambda _: big(round_), 1) - timed(lambda _: large(round_), 1)

    def hit(_):
        array[0] = big(round_)

    hit(0)
    fresh = timed(hit, 3)
    return [store, fresh, float(array[0][5])]


def reduce(entries):
    tiny = Memory(f'{folder}/reduce', verbose=0, bytes_limit=10**12)
    g = tiny.cache(small)
    for at in range(entries):
        g(at, config)
    start = time.perf_counter()
    tiny.reduce_size()
    took = (time.perf_counter() - start) / entries * 1e6
    used = int(subprocess.check_output(['du', '-s', '--block-size=1', f'{folder}/reduce']).split()[0])
    shutil.rmtree(f'{folder}/reduce')
    return [took, used / entries]


LIB = 'import os\ndef helper(x):\n    return x * {by}\n\ndef f(x):\n    open(os.environ["LOG"], "a").write("run\\n")\n    {wait}\n    return {body}\n'
MAIN = 'import sys; sys.path.insert(0, sys.argv[1])\nimport lib; from joblib import Memory; print(Memory(sys.argv[1], verbose=0).cache(lib.f)(10))'


def run(place):
    return subprocess.Popen([sys.executable, '-B', '-c', MAIN, place], stdout=subprocess.PIPE, env={**os.environ, 'LOG': f'{place}/log'})


def version(place, by=2, body='helper(x)', wait='pass'):
    with open(f'{place}/lib.py', 'w') as file:
        file.write(LIB.format(by=by, body=body, wait=wait))


def runs(place):
    return len(open(f'{place}/log').read().split())


def counts():
    cold = tempfile.mkdtemp(dir=folder)
    version(cold, wait='import time; time.sleep(1)')
    for process in [run(cold) for _ in range(4)]:
        process.wait()
    branches = tempfile.mkdtemp(dir=folder)
    for body in ['x + 1', 'x + 2', 'x + 1', 'x + 2', 'x + 1']:
        version(branches, body=body)
        run(branches).wait()
    helper = tempfile.mkdtemp(dir=folder)
    results = []
    for by in [2, 3]:
        version(helper, by=by)
        results.append(int(run(helper).communicate()[0]))
    flipped = Memory(tempfile.mkdtemp(dir=folder), verbose=0)
    array = flipped.cache(large)
    array(1)
    path = next(os.path.join(root, name) for root, _, names in os.walk(flipped.location) for name in names if name == 'output.pkl')
    with open(path, 'r+b') as file:
        file.seek(40_000_000)
        file.write(b'\x01')
    noticed = bool((array(1) == 1).all())
    return [runs(cold), runs(branches), results == [20, 30], noticed]


commands = {'calls': calls, 'hashes': hashes, 'arrays': arrays, 'reduce': reduce, 'counts': counts}
for line in sys.stdin:
    name, *numbers = line.split()
    print(json.dumps(commands[name](*map(int, numbers))), flush=True)
shutil.rmtree(folder)
