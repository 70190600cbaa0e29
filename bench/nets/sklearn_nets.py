"""Scikit-learn's half of the nets benchmark: a name a line in, [ms by the clock, ms of processor time, accuracy] out as JSON."""
import json
import os
import sys
import time
import warnings

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
warnings.simplefilter("ignore")
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

X, y = load_digits(return_X_y=True)
border = len(y) * 3 // 4
for line in sys.stdin:
    model = (
        LogisticRegression()
        if line.startswith("Logistic")
        else MLPClassifier((256, 128, 64), batch_size=32, max_iter=10, alpha=0, n_iter_no_change=10, random_state=0)
    )
    wall, cpu = time.perf_counter(), time.process_time()
    model.fit(X[:border], y[:border])
    times = [(time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3]
    print(json.dumps([*times, model.score(X[border:], y[border:])]), flush=True)
