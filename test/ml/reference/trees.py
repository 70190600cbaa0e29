"""Writes trees.json: scikit-learn's trees and forests. Run with /usr/bin/python3 (Debian: python3-sklearn)."""
import json
import pathlib
import numpy as np
from sklearn.datasets import load_digits, make_classification
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

digits = load_digits()
problems = {
    "digits": (digits.data, digits.target),
    "three": make_classification(150, 10, n_informative=6, n_classes=3, random_state=2),
}
NAMES = {"max_depth": "maxDepth", "min_samples_split": "minSamplesSplit", "min_samples_leaf": "minSamplesLeaf",
         "max_features": "maxFeatures", "class_weight": "classWeight", "min_impurity_decrease": "minImpurityDecrease",
         "min_weight_fraction_leaf": "minWeightFractionLeaf", "random_state": "randomState", "n_estimators": "nEstimators",
         "oob_score": "oobScore", "max_samples": "maxSamples"}


def named(params):
    return {NAMES.get(k, k): v for k, v in params.items()}


def weights(y, weighted):
    return (np.arange(len(y)) % 4) + 1.0 if weighted else None


def tree(Class, problem, weighted=False, **params):
    X, y = problems[problem]
    params = {"random_state": 0, **params}
    t = Class(**params).fit(X, y, sample_weight=weights(y, weighted)).tree_
    return {
        "problem": problem, "weighted": weighted, "params": named(params), "depth": int(t.max_depth),
        "feature": np.maximum(t.feature, -1).tolist(), "threshold": t.threshold[:40].tolist(), "left": t.children_left[:40].tolist(),
        "value": t.value[:4].ravel().tolist(), "impurity": t.impurity[:10].tolist(), "rows": t.n_node_samples[:40].tolist(),
    }


def forest(Class, problem, weighted=False, **params):
    X, y = problems[problem]
    params = {"random_state": 0, "n_estimators": 12, **params}
    model = Class(**params).fit(X, y, sample_weight=weights(y, weighted))
    proba = getattr(model, "predict_proba", model.predict)(X[:5])
    return {
        "problem": problem, "weighted": weighted, "params": named(params), "roots": [e.tree_.value[0].ravel().tolist() for e in model.estimators_[:12]], "nodes": [e.tree_.node_count for e in model.estimators_],
        "proba": proba.ravel().tolist(), "importances": model.feature_importances_[:12].tolist(),
        "oob": float(model.oob_score_) if params.get("oob_score") else None,
    }


C, R = DecisionTreeClassifier, DecisionTreeRegressor
FC, FR = RandomForestClassifier, RandomForestRegressor
figures = {
    "classifiers": [
        tree(C, "digits", max_depth=6),
        tree(C, "three"),
        tree(C, "three", criterion="entropy", random_state=3),
        tree(C, "three", max_features=3, min_samples_leaf=4, random_state=5),
        tree(C, "three", min_samples_split=0.2, min_weight_fraction_leaf=0.05, weighted=True),
        tree(C, "three", class_weight="balanced", min_impurity_decrease=0.01, max_features="log2"),
        tree(C, "three", class_weight={0: 2, 2: 4}, max_features=0.5),
    ],
    "regressors": [
        tree(R, "three"),
        tree(R, "digits", max_depth=5, max_features="sqrt"),
        tree(R, "three", min_samples_leaf=5, weighted=True, random_state=2),
    ],
    "classForests": [
        forest(FC, "digits", oob_score=True),
        forest(FC, "three", bootstrap=False, max_depth=4, criterion="entropy"),
        forest(FC, "three", class_weight="balanced", weighted=True, max_features=0.4, random_state=9),
    ],
    "balanced": forest(FC, "three", class_weight="balanced_subsample", max_samples=0.6, oob_score=True, n_estimators=150),
    "numberForests": [
        forest(FR, "three", oob_score=True, n_estimators=30),
        forest(FR, "digits", max_depth=4, max_features=0.3, max_samples=300),
    ],
}
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(figures) + "\n")
