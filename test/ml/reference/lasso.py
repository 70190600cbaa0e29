"""Writes lasso.json: scikit-learn's lasso and elastic net. Run with /usr/bin/python3 (Debian: python3-sklearn)."""
import json
import pathlib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import ElasticNet, Lasso, enet_path, lasso_path

random = np.random.RandomState(0)
A = random.randn(60, 15)
y = A[:, :4] @ [3.0, -2.0, 1.0, 0.5] + 2 + 0.1 * random.randn(60)
wide = random.randn(20, 50)
w = (np.arange(60) % 4) / 2
digits = load_digits()
problems = {"plain": (A, y), "wide": (wide, y[:20]), "digits": (digits.data, digits.target.astype(float))}
NAMES = {"fit_intercept": "fitIntercept", "max_iter": "maxIter", "l1_ratio": "l1Ratio"}


def fit(Class, problem, weighted=False, **params):
    X, t = problems[problem]
    params = {"tol": 1e-10, "max_iter": 100000, **params}
    model = Class(**params).fit(X, t, sample_weight=w if weighted else None)
    return {
        "kind": Class.__name__, "problem": problem, "weighted": weighted, "params": {NAMES.get(k, k): v for k, v in params.items()},
        "coef": model.coef_.tolist(), "intercept": float(model.intercept_), "score": model.score(X, t),
    }


fits = [
    fit(Lasso, "plain", alpha=0.1),
    fit(Lasso, "plain", alpha=0.01, fit_intercept=False),
    fit(Lasso, "plain", alpha=0.1, weighted=True),
    fit(Lasso, "plain", alpha=0.05, positive=True),
    fit(Lasso, "wide", alpha=0.3),
    fit(Lasso, "digits", alpha=0.1),
    fit(ElasticNet, "plain", alpha=0.2),
    fit(ElasticNet, "wide", alpha=0.2, l1_ratio=0.9),
    fit(ElasticNet, "digits", alpha=0.5, l1_ratio=0.2),
    fit(ElasticNet, "plain", alpha=0.2, l1_ratio=0.7, weighted=True, positive=True),
]


def path(run, **params):
    X = A - A.mean(axis=0)
    alphas, coefs, _ = run(X, y - y.mean(), n_alphas=6, eps=0.01, tol=1e-10, max_iter=100000, **params)
    return {"alphas": alphas.tolist(), "coefs": coefs.ravel().tolist()}


target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps({
    "A": A.ravel().tolist(), "y": y.tolist(), "wide": wide.ravel().tolist(), "fits": fits,
    "lasso": path(lasso_path), "enet": path(enet_path, l1_ratio=0.4),
}) + "\n")
