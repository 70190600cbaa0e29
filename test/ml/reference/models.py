"""Writes models.json: what scikit-learn's neighbours, naive Bayes, clusters and components give. Run with /usr/bin/python3 (Debian: python3-sklearn)."""
import json
import pathlib
import warnings

import numpy as np
import scipy.sparse as sp
from sklearn.cluster import KMeans
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, MiniBatchDictionaryLearning, TruncatedSVD
from sklearn.model_selection import HalvingGridSearchCV, learning_curve
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

warnings.simplefilter("ignore")
X, y = load_digits(return_X_y=True)
train, test = slice(0, 1347), slice(1347, None)
r = np.random.RandomState(3)
small, targets, points = r.randn(200, 4).round(6), r.randn(200).round(6), r.randn(7, 4).round(6)
weight = r.rand(200).round(6)
labels = (small[:, 0] + small[:, 1] > 0).astype(int) + (small[:, 2] > 1)
counts = sp.random(60, 40, density=0.2, random_state=5, format="csr")
counts.data = np.ceil(counts.data * 9)
classes = r.randint(0, 3, 60)


def flipped(components):
    signs = np.sign(components[np.arange(len(components)), np.abs(components).argmax(axis=1)])
    return components * signs[:, None], signs


def clusters(**params):
    m = KMeans(10, random_state=0, **params).fit(X)
    return {"inertia": m.inertia_, "nIter": m.n_iter_, "labels": m.labels_.tolist()}


def components(model, data):
    m = model.fit(data)
    parts, signs = flipped(m.components_)
    rows = m.transform(data[:3]) * signs
    return {
        "components": parts[:3].ravel().tolist(), "rows": rows.ravel().tolist(), "count": len(parts),
        "singular": m.singular_values_.tolist(), "variance": m.explained_variance_.tolist(),
        "ratio": m.explained_variance_ratio_.tolist(), "noise": getattr(m, "noise_variance_", None),
    }


def bayes(model, data, label, **fit):
    m = model.fit(data, label, **fit)
    joint = m._joint_log_likelihood(data[:5])
    return {"joint": joint.ravel().tolist(), "proba": m.predict_proba(data[:5]).ravel().tolist(), "score": m.score(data, label)}


def neighbors(**params):
    m = KNeighborsClassifier(**params).fit(small, labels)
    distances, indices = m.kneighbors(points)
    g = KNeighborsRegressor(**params).fit(small, targets)
    return {
        "distances": distances.ravel().tolist(), "indices": indices.ravel().tolist(),
        "proba": m.predict_proba(points).ravel().tolist(), "values": g.predict(points).tolist(),
    }


def halving(**params):
    m = HalvingGridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 2, 3, 5, 8, 13, 21]}, cv=3, random_state=0, **params)
    m.fit(X[:600], y[:600])
    results = m.cv_results_
    return {
        "resources": m.n_resources_, "candidates": m.n_candidates_, "iter": results["iter"].tolist(),
        "values": [p["n_neighbors"] for p in results["params"]], "means": results["mean_test_score"].tolist(),
        "best": m.best_index_, "remaining": m.n_remaining_candidates_, "required": m.n_required_iterations_,
        "possible": m.n_possible_iterations_,
    }


def curve(**params):
    sizes, trained, tested = learning_curve(GaussianNB(), X, y, cv=3, **params)
    return {"sizes": sizes.tolist(), "train": trained.ravel().tolist(), "test": tested.ravel().tolist()}


codes = np.where(r.rand(150, 6) < 0.3, r.randn(150, 6), 0)
atoms = r.randn(6, 12)
atoms /= np.linalg.norm(atoms, axis=1)[:, None]
sums = (codes @ atoms + 0.01 * r.randn(150, 12)).round(4)
learned = MiniBatchDictionaryLearning(
    6, alpha=0.05, batch_size=32, max_iter=100, random_state=0, fit_algorithm="cd", transform_algorithm="lasso_cd", transform_alpha=0.05
).fit(sums)
found = learned.transform(sums)
objective = 0.5 * ((sums - found @ learned.components_) ** 2).sum() + 0.05 * np.abs(found).sum()

out = {
    "sums": sums.tolist(), "atoms": atoms.ravel().tolist(), "objective": objective,
    "halving": [halving(factor=2), halving(min_resources="smallest"), halving(factor=2, max_resources=100, aggressive_elimination=True)],
    "curve": [curve(), curve(train_sizes=[50, 400, 100]), curve(shuffle=True, random_state=1)],
    "small": small.tolist(), "targets": targets.tolist(), "points": points.tolist(), "weight": weight.tolist(),
    "labels": labels.tolist(), "counts": counts.toarray().astype(int).tolist(), "classes": classes.tolist(),
    "kMeans": [clusters(n_init=1), clusters(n_init=1, init="random"), clusters(n_init=10)],
    "weighted": KMeans(3, init=small[:3], n_init=1).fit(small, sample_weight=weight).inertia_,
    "pca": {
        "full": components(PCA(16, svd_solver="full"), X),
        "randomized": components(PCA(16, svd_solver="randomized", random_state=0), X),
        "share": components(PCA(0.9), X)["count"],
        "whiten": components(PCA(3, whiten=True, svd_solver="full"), small),
        "wide": components(PCA(4, svd_solver="full"), small[:6].repeat(3, axis=1) * np.arange(1, 13)),
    },
    "svd": components(TruncatedSVD(5, random_state=0), counts),
    "gaussian": [
        bayes(GaussianNB(), small, labels), bayes(GaussianNB(var_smoothing=0.1, priors=[0.2, 0.3, 0.5]), small, labels),
        bayes(GaussianNB(), small, labels, sample_weight=weight),
    ],
    "multinomial": [
        bayes(MultinomialNB(), counts, classes), bayes(MultinomialNB(alpha=0.1, fit_prior=False), counts, classes),
        bayes(MultinomialNB(class_prior=[0.2, 0.3, 0.5]), counts, classes, sample_weight=weight[:60]),
    ],
    "neighbors": [
        neighbors(), neighbors(n_neighbors=3, weights="distance"), neighbors(metric="manhattan", algorithm="brute"),
        neighbors(metric="chebyshev", algorithm="kd_tree", leaf_size=7), neighbors(p=3, n_neighbors=8),
        neighbors(metric="cosine", weights="distance"),
    ],
    "lastQuarter": {
        "GaussianNB": GaussianNB().fit(X[train], y[train]).score(X[test], y[test]),
        "MultinomialNB": MultinomialNB().fit(X[train], y[train]).score(X[test], y[test]),
        "KNeighborsClassifier": KNeighborsClassifier().fit(X[train], y[train]).score(X[test], y[test]),
    },
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, default=lambda x: x.item()) + "\n")
