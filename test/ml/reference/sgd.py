"""Writes sgd.json: scikit-learn's stochastic gradient descent. Run with /usr/bin/python3 (Debian: python3-sklearn)."""
import json
import pathlib
import warnings
import numpy as np
from sklearn.datasets import load_digits, make_classification
from sklearn.linear_model import SGDClassifier, SGDRegressor

warnings.simplefilter("ignore")
digits = load_digits()
problems = {
    "digits": (digits.data / 16, digits.target),
    "binary": make_classification(200, 12, n_informative=5, random_state=1),
    "three": make_classification(150, 10, n_informative=6, n_classes=3, random_state=2),
}
NAMES = {"class_weight": "classWeight", "max_iter": "maxIter", "l1_ratio": "l1Ratio", "fit_intercept": "fitIntercept",
         "learning_rate": "learningRate", "power_t": "powerT", "early_stopping": "earlyStopping", "random_state": "randomState",
         "n_iter_no_change": "nIterNoChange", "validation_fraction": "validationFraction"}


def fit(Class, problem, weighted=False, parts=0, **params):
    X, y = problems[problem]
    weights = ((np.arange(len(y)) % 4) + 1) / 2 if weighted else None
    params = {"random_state": 0, **params}
    model = Class(**params)
    if parts:
        for part in range(parts):
            rows = np.arange(len(y)) % parts == part
            more = {"classes": np.unique(y)} if Class is SGDClassifier else {}
            model.partial_fit(X[rows], y[rows], **more)
    else:
        model.fit(X, y, sample_weight=weights)
    proba = params.get("loss") in ("log_loss", "modified_huber")
    return {
        "kind": Class.__name__, "problem": problem, "weighted": weighted, "parts": parts,
        "params": {NAMES.get(k, k): v for k, v in params.items()}, "coef": np.ravel(model.coef_)[:24].tolist(),
        "intercept": np.ravel(model.intercept_).tolist(), "iterations": int(model.n_iter_), "t": float(model.t_),
        "proba": model.predict_proba(X[:3]).ravel().tolist() if proba else None, "score": model.score(X, y),
    }


C, R = SGDClassifier, SGDRegressor
# Smooth losses take small steps here: large ones make the last digit of an exponential grow from step to step.
small = {"learning_rate": "invscaling", "eta0": 0.01}
fits = [
    fit(C, "binary"),
    fit(C, "binary", loss="log_loss", alpha=0.01, random_state=3),
    fit(C, "binary", loss="modified_huber", penalty="elasticnet", alpha=0.01, weighted=True, **small),
    fit(C, "binary", loss="squared_hinge", penalty="l1", alpha=0.01, learning_rate="adaptive", eta0=0.001),
    fit(C, "binary", loss="perceptron", penalty=None, learning_rate="constant", eta0=0.1, fit_intercept=False),
    fit(C, "binary", loss="log_loss", average=True, max_iter=20, **small),
    fit(C, "binary", average=500, class_weight={0: 2, 1: 0.5}, shuffle=False),
    fit(C, "binary", loss="log_loss", early_stopping=True, validation_fraction=0.2, n_iter_no_change=3, weighted=True),
    fit(C, "binary", loss="log_loss", parts=4, **small),
    fit(C, "three", loss="log_loss", class_weight="balanced", **small),
    fit(C, "three", loss="modified_huber", early_stopping=True, alpha=0.01, **small),
    fit(C, "three", parts=3),
    fit(C, "digits", loss="log_loss", alpha=0.01, max_iter=30, **small),
    fit(R, "binary"),
    fit(R, "three", loss="huber", epsilon=0.5, penalty="l1", alpha=0.001, random_state=7),
    fit(R, "three", loss="epsilon_insensitive", penalty="elasticnet", learning_rate="optimal", alpha=0.01, weighted=True),
    fit(R, "binary", loss="squared_epsilon_insensitive", early_stopping=True, average=True),
    fit(R, "binary", parts=4, learning_rate="constant", average=60),
]
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(fits) + "\n")
