"""Writes preprocessing.json: scikit-learn's preprocessing, linear regressions and dummies. Run with /usr/bin/python3 (Debian: python3-sklearn)."""
import json
import pathlib
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.datasets import load_digits
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import LabelBinarizer, MinMaxScaler, OneHotEncoder, StandardScaler

r = np.random.RandomState(0)
A = r.randn(9, 3) * [1, 10, 0.1] + [5, -3, 0]
A[:, 2] = np.where(r.rand(9) < 0.5, 0, A[:, 2])
B = r.randn(4, 3)
w = np.arange(9) % 3
with_nan = A.copy()
with_nan[[0, 3], [1, 2]] = np.nan
constant = A.copy()
constant[:, 1] = 7
nulls = lambda X: [[None if x != x else x for x in row] for row in np.asarray(X).tolist()]
rows = [["a", 1], ["b", 2], ["a", 10], ["c", 1]]
y = A @ [1, 2, 3] + r.randn(9)
wide = r.randn(4, 7)
digits = load_digits()


def linear(model, X, y, **fit):
    model.fit(X, y, **fit)
    return {"coef": model.coef_.tolist(), "intercept": float(model.intercept_), "score": model.score(X, y, **fit)}


def dummy(strategy, **params):
    model = DummyClassifier(strategy=strategy, random_state=5, **params).fit(np.zeros((6, 1)), list("abbcbc"))
    return {"strategy": strategy, "constant": params.get("constant"), "predict": model.predict(np.zeros((8, 1))).tolist(),
            "proba": model.predict_proba(np.zeros((8, 1))).ravel().tolist()}


scaler = StandardScaler().fit(with_nan)
weighted = StandardScaler().fit(A, sample_weight=w)
out = {
    "A": A.tolist(), "B": B.tolist(), "w": w.tolist(), "y": y.tolist(), "withNaN": nulls(with_nan), "constant": constant.tolist(),
    "wide": wide.tolist(), "rows": rows,
    "standard": {"A": StandardScaler().fit_transform(A).tolist(), "B": nulls(scaler.transform(B)), "mean": scaler.mean_.tolist(),
                 "var": scaler.var_.tolist(), "weightedMean": weighted.mean_.tolist(), "weightedVar": weighted.var_.tolist(),
                 "constant": StandardScaler().fit_transform(constant).tolist(),
                 "sparse": StandardScaler(with_mean=False).fit_transform(csr_matrix(A)).toarray().tolist()},
    "minMax": {"A": MinMaxScaler(feature_range=(-1, 2)).fit_transform(A).tolist(), "constant": MinMaxScaler().fit_transform(constant).tolist(),
               "nan": nulls(MinMaxScaler().fit_transform(with_nan)), "clipped": MinMaxScaler(clip=True).fit(A).transform(B).tolist()},
    "oneHot": {"A": OneHotEncoder().fit_transform(np.array(rows, dtype=object)).toarray().tolist(),
               "names": OneHotEncoder().fit(np.array(rows, dtype=object)).get_feature_names_out().tolist(),
               "dropped": OneHotEncoder(drop="first").fit_transform(np.array(rows, dtype=object)).toarray().tolist(),
               "ignored": OneHotEncoder(handle_unknown="ignore").fit(np.array(rows, dtype=object)).transform(np.array([["z", 2], ["c", 3]], dtype=object)).toarray().tolist()},
    "binarizer": {"three": LabelBinarizer().fit_transform([3, 1, 2, 1]).tolist(), "two": LabelBinarizer(neg_label=-1).fit_transform(["x", "a", "x"]).tolist()},
    "imputed": {s: SimpleImputer(strategy=s).fit_transform(with_nan).tolist() for s in ["mean", "median", "most_frequent", "constant"]},
    "linear": [linear(LinearRegression(), A, y), linear(LinearRegression(fit_intercept=False), A, y), linear(LinearRegression(), A, y, sample_weight=w),
               linear(LinearRegression(), wide, y[:4]), linear(LinearRegression(), digits.data, digits.target)],
    "ridge": [linear(Ridge(alpha=2), A, y), linear(Ridge(alpha=0.1, fit_intercept=False), A, y), linear(Ridge(), A, y, sample_weight=w),
              linear(Ridge(), wide, y[:4]), linear(Ridge(alpha=3), digits.data, digits.target)],
    "singular": LinearRegression().fit(A, y).singular_.tolist(), "digitsRank": int(LinearRegression().fit(digits.data, digits.target).rank_),
    "dummies": [dummy("prior"), dummy("most_frequent"), dummy("stratified"), dummy("uniform"), dummy("constant", constant="c")],
}
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(out) + "\n")
