"""Scikit-learn's half of supervised.ts: a name a line in, [milliseconds, figure] out as JSON."""
import json
import sys
import time
import warnings

warnings.simplefilter("ignore")
import numpy as np
import sklearn
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import Lasso, SGDClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

digits = load_digits(return_X_y=True)
random = np.random.RandomState(0)
normals = random.randn(1000, 500)
wide = normals, normals[:, :20] @ np.arange(1, 21) + 5 * random.randn(1000)


def timed(run, times):
    start = time.perf_counter()
    for _ in range(times):
        result = run()
    return (time.perf_counter() - start) * 1e3 / times, result


def fit(make, data=digits, times=3):
    ms, model = timed(lambda: make().fit(*data), times)
    return ms, float(model.score(*data))


def predict(model):
    X, y = digits
    model.fit(X, y)
    ms, _ = timed(lambda: model.predict(X), 3)
    return ms, float(model.score(X, y))


ASKED = {
    "version": lambda: (0, sklearn.__version__),
    "forest": lambda: fit(lambda: RandomForestClassifier(random_state=0)),
    "forestPredict": lambda: predict(RandomForestClassifier(random_state=0)),
    "regressionForest": lambda: fit(lambda: RandomForestRegressor(20, max_features=0.3, random_state=0), wide, 1),
    "tree": lambda: fit(lambda: DecisionTreeClassifier(random_state=0)),
    "svcScale": lambda: fit(lambda: SVC()),
    "svc": lambda: fit(lambda: SVC(gamma=0.001)),
    "svcPredict": lambda: predict(SVC(gamma=0.001)),
    "lassoDigits": lambda: fit(lambda: Lasso(alpha=0.01)),
    "lassoWide": lambda: fit(lambda: Lasso(alpha=1), wide),
    "lassoDense": lambda: fit(lambda: Lasso(alpha=0.1), wide),
    "sgd": lambda: fit(lambda: SGDClassifier(loss="log_loss", random_state=0)),
}
for line in sys.stdin:
    print(json.dumps(ASKED[line.strip()]()), flush=True)
