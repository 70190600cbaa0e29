"""Writes argsort.json: the order that numpy's quicksort leaves equal integers in. Run with /usr/bin/python3 (Debian: python3-numpy)."""
import json
import pathlib
import numpy as np

r = np.random.RandomState(0)
cases = [r.randint(0, high, size) for high, size in [(3, 10), (2, 17), (5, 40), (10, 200), (1, 50), (1000, 300), (4, 999)]]
cases += [np.arange(60), -np.arange(60)]
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps([{"values": c.tolist(), "order": c.argsort().tolist()} for c in cases]) + "\n")
