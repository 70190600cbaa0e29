"""Scikit-learn's half of unsupervised.ts: a name a line in, [milliseconds, figure] out as JSON."""
import json
import sys
import time
import warnings

warnings.simplefilter("ignore")
import numpy as np
import sklearn
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier

X, y = load_digits(return_X_y=True)
train, test = slice(0, 1347), slice(1347, None)
random = np.random.RandomState(0)
points, labels = random.randn(20000, 5), random.randint(0, 2, 20000)
large = None


def timed(run, times):
    start = time.perf_counter()
    for _ in range(times):
        result = run()
    return (time.perf_counter() - start) * 1e3 / times, result


def clusters(model):
    ms, model = timed(lambda: model.fit(X), 3)
    return ms, float(model.inertia_)


def components(model, data, times=3):
    ms, model = timed(lambda: model.fit(data), times)
    return ms, float(model.explained_variance_ratio_.sum())


def normals():
    global large
    if large is None:
        large = np.random.RandomState(0).randn(5000, 1000) * np.linspace(3, 0.1, 1000)
    return large


def fitted(model):
    ms, model = timed(lambda: model.fit(X[train], y[train]), 20)
    return ms, float(model.score(X[test], y[test]))


def predicted(model, fit=(X[train], y[train]), rows=(X[test], y[test]), times=5):
    model.fit(*fit)
    ms, _ = timed(lambda: model.predict(rows[0]), times)
    return ms, float(model.score(*rows))


ASKED = {
    "version": lambda: (0, sklearn.__version__),
    "kMeans": lambda: clusters(KMeans(10, n_init=10, random_state=0)),
    "kMeansOnce": lambda: clusters(KMeans(10, n_init=1, random_state=0)),
    "miniBatch": lambda: clusters(MiniBatchKMeans(10, n_init=3, random_state=0)),
    "pca": lambda: components(PCA(16), X),
    "pcaFull": lambda: components(PCA(16, svd_solver="full"), X),
    "pcaLarge": lambda: components(PCA(20, svd_solver="randomized", random_state=0), normals(), 1),
    "pcaLargeFull": lambda: components(PCA(20, svd_solver="full"), normals(), 1),
    "gaussian": lambda: fitted(GaussianNB()),
    "gaussianPredict": lambda: predicted(GaussianNB(), times=20),
    "multinomial": lambda: fitted(MultinomialNB()),
    "neighbors": lambda: predicted(KNeighborsClassifier()),
    "tree": lambda: predicted(KNeighborsClassifier(), (points, labels), (points[:2000], labels[:2000]), 1),
}
for line in sys.stdin:
    print(json.dumps(ASKED[line.strip()]()), flush=True)
