"""Scikit-learn's half of the estimators benchmark: a name a line in, [milliseconds, figure] out as JSON."""
import json
import os
import sys
import time
import warnings
import zipfile

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
warnings.simplefilter("ignore")
import numpy as np
import sklearn
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

archive = zipfile.ZipFile(sys.argv[1])
names = [n for kind in ["neg", "pos"] for n in sorted(n for n in archive.namelist() if f"/{kind}/" in n and n.endswith(".txt"))]
reviews = [archive.read(n).decode() for n in names]
labels = np.repeat([0, 1], 1000)
X, y = load_digits(return_X_y=True)
vectorizer = CountVectorizer(analyzer="char", ngram_range=(2, 5), max_features=50_000)
counts = None


def timed(run):
    start = time.perf_counter()
    result = run()
    return (time.perf_counter() - start) * 1e3, result


def fit_transform():
    global counts
    ms, counts = timed(lambda: vectorizer.fit_transform(reviews))
    return ms, int(counts.nnz)


def transform():
    ms, made = timed(lambda: vectorizer.transform(reviews[:500]))
    return ms, int(made.nnz)


def digits(**params):
    ms, model = timed(lambda: LogisticRegression(**params).fit(X, y))
    return ms, float(model.score(X, y))


def movies():
    ms, model = timed(lambda: LogisticRegression(solver="liblinear", C=0.001).fit(counts, labels))
    return ms, float(model.score(counts, labels))


ASKED = {
    "version": lambda: (0, sklearn.__version__),
    "fitTransform": fit_transform,
    "transform": transform,
    "lbfgs": lambda: digits(),
    "liblinear": lambda: digits(solver="liblinear"),
    "movies": movies,
}
for line in sys.stdin:
    print(json.dumps(ASKED[line.strip()]()), flush=True)
