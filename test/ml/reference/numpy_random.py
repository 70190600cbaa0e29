"""Writes numpy_random.json: what numpy.random.RandomState gives. Run with /usr/bin/python3 (Debian: python3-numpy)."""
import json
import pathlib
import numpy as np


def draws(seed):
    r = np.random.RandomState(seed)
    out = {"seed": seed}
    out["rand"] = r.rand(7).tolist()
    out["randint"] = r.randint(0, 10, 9).tolist()
    out["randint32"] = r.randint(0, 2**32, 3).tolist()
    out["randint40"] = r.randint(-5, 2**40, 6).tolist()
    out["randint_one"] = r.randint(3, 4, 2).tolist()
    out["permutation"] = r.permutation(20).tolist()
    shuffled = list("abcdefgh")
    r.shuffle(shuffled)
    out["shuffle"] = shuffled
    out["choice"] = r.choice(50, 8).tolist()
    out["choice_once"] = r.choice(50, 8, replace=False).tolist()
    out["choice_p"] = r.choice(4, 12, p=[0.1, 0.2, 0.3, 0.4]).tolist()
    out["choice_p_once"] = r.choice(5, 4, replace=False, p=[0.4, 0.3, 0.1, 0.1, 0.1]).tolist()
    out["normal"] = r.normal(1, 2, 5).tolist()
    out["uniform"] = r.uniform(-2, 3, 4).tolist()
    out["randn"] = r.randn(4).tolist()
    r.rand(1500)
    out["after_refills"] = r.rand()
    return out


target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps([draws(seed) for seed in [0, 42, 1234, 2**32 - 1]], indent=1) + "\n")
