"""The talk's grid in scikit-learn, n_jobs=2, on so many reviews. Prints seconds and the test's ROC AUC as JSON. Needs python3-sklearn."""
import json
import resource
import sys
import time
import zipfile

import numpy as np
from joblib.externals.loky import get_reusable_executor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline

archive = zipfile.ZipFile(sys.argv[1])
names = sorted(n for n in archive.namelist() if n.endswith(".txt") and ("neg/" in n or "pos/" in n))
X = [archive.read(name).decode() for name in names]
y = np.array([int("pos/" in name) for name in names])
train_x, test_x, train_y, test_y = train_test_split(X, y, train_size=int(sys.argv[2]), test_size=500, random_state=1234)
pipeline = Pipeline(
    [("vect", CountVectorizer(analyzer="char", ngram_range=(2, 5), max_features=50_000)), ("lr", LogisticRegression(solver="liblinear"))]
)
search = GridSearchCV(pipeline, {"lr__C": [0.001, 0.01, 0.1, 1, 10, 100]}, scoring="roc_auc", cv=3, n_jobs=2)


def processor():
    kinds = [resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN]
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, kinds))


before = processor()
start = time.perf_counter()
search.fit(train_x, train_y)
seconds = time.perf_counter() - start
get_reusable_executor().shutdown(wait=True)  # what ended is counted
cpu = processor() - before
auc = roc_auc_score(test_y, search.decision_function(test_x))
made = {"search": seconds - search.refit_time_, "refit": search.refit_time_, "cpu": cpu, "testAuc": auc}
print(json.dumps({"name": "scikit-learn, n_jobs 2", **made}))
