"""The talk's grid in scikit-learn, n_jobs=2. Prints seconds and the test's ROC AUC as JSON. Needs python3-sklearn."""
import json
import sys
import time
import zipfile

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline

archive = zipfile.ZipFile(sys.argv[1])
names = sorted(n for n in archive.namelist() if n.endswith(".txt") and ("neg/" in n or "pos/" in n))
X = [archive.read(name).decode() for name in names]
y = np.array([int("pos/" in name) for name in names])
train_x, test_x, train_y, test_y = train_test_split(X, y, test_size=0.25, random_state=1234)
pipeline = Pipeline(
    [("vect", CountVectorizer(analyzer="char", ngram_range=(2, 5), max_features=50_000)), ("lr", LogisticRegression(solver="liblinear"))]
)
search = GridSearchCV(pipeline, {"lr__C": [0.001, 0.01, 0.1, 1, 10, 100]}, scoring="roc_auc", cv=3, n_jobs=2)
start = time.perf_counter()
search.fit(train_x, train_y)
seconds = time.perf_counter() - start
auc = roc_auc_score(test_y, search.decision_function(test_x))
print(json.dumps({"name": "scikit-learn, n_jobs 2", "search": seconds - search.refit_time_, "refit": search.refit_time_, "testAuc": auc}))
