"""Writes logistic.json: scikit-learn's logistic regressions. Run with /usr/bin/python3 (Debian: python3-sklearn)."""
import json
import pathlib
import warnings
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.datasets import load_digits, make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

warnings.simplefilter("ignore")
digits = load_digits()
problems = {
    "digits": (digits.data, digits.target),
    "binary": make_classification(200, 12, n_informative=5, random_state=1),
    "three": make_classification(150, 10, n_informative=6, n_classes=3, random_state=2),
}
NAMES = {"multi_class": "multiClass", "fit_intercept": "fitIntercept", "intercept_scaling": "interceptScaling",
         "class_weight": "classWeight", "max_iter": "maxIter", "C": "C", "solver": "solver", "tol": "tol", "penalty": "penalty"}


def fit(problem, weighted=False, **params):
    X, y = problems[problem]
    weights = (np.arange(len(y)) % 4) / 2 if weighted else None
    model = LogisticRegression(**params).fit(X, y, sample_weight=weights)
    params = {NAMES[k]: v for k, v in params.items()}
    if params.get("penalty") == "none":
        params["penalty"] = None
    return {
        "problem": problem,
        "weighted": weighted,
        "params": params,
        "coef": model.coef_[:2].ravel().tolist(),
        "intercept": np.ravel(model.intercept_).tolist(),
        "iterations": int(np.max(model.n_iter_)),
        "proba": model.predict_proba(X[:3]).ravel().tolist(),
        "decision": model.decision_function(X[:3]).ravel().tolist(),
        "score": model.score(X, y, weights),
    }


fits = [
    fit("binary"),
    fit("binary", C=0.01, tol=1e-8),
    fit("binary", fit_intercept=False),
    fit("binary", penalty="none", tol=1e-6),
    fit("binary", multi_class="multinomial", tol=1e-7),
    fit("binary", class_weight="balanced", weighted=True),
    fit("binary", class_weight={0: 2, 1: 0.5}),
    fit("binary", solver="liblinear"),
    fit("binary", solver="liblinear", intercept_scaling=10, C=0.1),
    fit("binary", solver="liblinear", fit_intercept=False, class_weight="balanced"),
    fit("binary", solver="liblinear", weighted=True, class_weight={0: 3, 1: 0.5}),
    fit("three", tol=1e-7),
    fit("three", multi_class="ovr", tol=1e-7, class_weight="balanced"),
    fit("three", multi_class="ovr", tol=1e-7, class_weight={0: 3, 2: 0.1}),
    fit("three", class_weight="balanced", weighted=True, tol=1e-7),
    fit("three", solver="liblinear", class_weight={0: 3, 2: 0.1}),
    fit("digits", max_iter=20),
    fit("digits", solver="liblinear", C=0.01),
    fit("digits", solver="liblinear"),
]
X, y = problems["digits"]
rows = {
    "liblinear": [cross_val_score(LogisticRegression(C=10.0**e, solver="liblinear"), X, y, cv=3).mean() for e in range(-5, 6)],
    "lbfgs": [cross_val_score(LogisticRegression(C=10.0**e), X, y, cv=3).mean() for e in range(-5, 6)],
}
curve = []
for max_iter in [1, 2, 5, 10, 20, 50, 100]:
    model = LogisticRegression(max_iter=max_iter).fit(X, y)
    chances = model.predict_proba(X)[np.arange(len(y)), y]
    curve.append([max_iter, float(-np.log(chances).sum() + 0.5 * (model.coef_**2).sum())])
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps({"fits": fits, "rows": rows, "curve": curve}, indent=1) + "\n")
