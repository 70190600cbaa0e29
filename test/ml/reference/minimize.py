"""Writes minimize.json: what scipy's minimize gives on the valley of Rosenbrock. Run with /usr/bin/python3 (Debian: python3-scipy)."""
import json
import pathlib

import numpy as np
from scipy.optimize import minimize, rosen, rosen_der

start = [1.3, 0.7, 0.8, 1.9, 1.2]
out = {}
for name, method in {"bfgs": "BFGS", "l-bfgs": "L-BFGS-B", "nelder-mead": "Nelder-Mead"}.items():
    for suffix, jac in {"": rosen_der, " without": None}.items():
        if name == "nelder-mead" and suffix == "":
            jac = None
        elif name == "nelder-mead":
            continue
        r = minimize(rosen, start, method=method, jac=jac)
        inverse = r.get("hess_inv")
        if inverse is not None and not isinstance(inverse, np.ndarray):
            inverse = inverse.todense()
        out[name + suffix] = {
            "x": r.x.tolist(), "fun": r.fun, "nit": r.nit, "nfev": r.nfev, "njev": r.get("njev"),
            "hessInv": None if inverse is None else inverse.ravel().tolist(),
        }
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
