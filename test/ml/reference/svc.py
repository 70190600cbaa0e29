"""Writes svc.json: scikit-learn's support vector classifiers. Run with /usr/bin/python3 (Debian: python3-sklearn)."""
import json
import pathlib
import numpy as np
from sklearn.datasets import load_digits, make_classification
from sklearn.svm import SVC

digits = load_digits()
problems = {
    "digits": (digits.data, digits.target),
    "binary": make_classification(200, 12, n_informative=5, random_state=1),
    "three": make_classification(150, 10, n_informative=6, n_classes=3, random_state=2),
}
NAMES = {"class_weight": "classWeight", "decision_function_shape": "decisionFunctionShape", "break_ties": "breakTies"}


def fit(problem, weighted=False, **params):
    X, y = problems[problem]
    weights = ((np.arange(len(y)) % 4) + 1) / 2 if weighted else None
    model = SVC(**params).fit(X, y, sample_weight=weights)
    return {
        "problem": problem, "weighted": weighted, "params": {NAMES.get(k, k): v for k, v in params.items()},
        "support": model.support_.tolist() if problem != "digits" else None, "nSupport": model.n_support_.tolist(),
        "dual": model.dual_coef_[:, :20].ravel().tolist() if problem != "digits" else None,
        "intercept": model.intercept_.tolist(),
        "coef": model.coef_.ravel().tolist() if params.get("kernel") == "linear" and problem != "digits" else None,
        "decision": model.decision_function(X[:4]).ravel().tolist(),
        "predicted": model.predict(X[:60]).tolist(), "score": model.score(X, y),
    }


fits = [
    fit("binary", tol=1e-6),
    fit("binary", tol=1e-6, kernel="linear", C=0.5),
    fit("binary", tol=1e-6, kernel="poly", degree=2, coef0=1.0, C=10),
    fit("binary", tol=1e-6, gamma="auto", weighted=True, class_weight={0: 2, 1: 0.5}),
    fit("three", tol=1e-6),
    fit("three", tol=1e-6, kernel="linear", decision_function_shape="ovo", class_weight="balanced"),
    fit("three", tol=1e-6, kernel="sigmoid", gamma=0.002, C=2, weighted=True),
    fit("three", tol=1e-6, kernel="poly", break_ties=True, C=100, shrinking=False),
    fit("digits", tol=1e-5),
    fit("digits", tol=1e-5, gamma=0.001),
]
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(fits) + "\n")
