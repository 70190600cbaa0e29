"""Writes model_selection.json: what scikit-learn's metrics, splitters and samplers give. Run with /usr/bin/python3 (Debian: python3-sklearn)."""
import json
import pathlib
import warnings

import numpy as np
from scipy.stats import loguniform, randint, uniform
from sklearn import metrics as m
from sklearn import model_selection as s

warnings.simplefilter("ignore")
r = np.random.RandomState(7)
n = 60
three, said = r.randint(0, 3, n), r.randint(0, 3, n)
two, two_said = r.randint(0, 2, n), r.randint(0, 2, n)
ties = r.randint(0, 6, n) / 5
proba = r.rand(n, 3)
proba /= proba.sum(axis=1, keepdims=True)
weight = r.rand(n)
target, guess = r.randn(n), r.randn(n)
groups = np.array([0] * 3 + [1] * 9 + [2] * 7 + [3] * 20 + [4] * 1 + [5] * 8 + [6] * 12)
letters = np.array(list("bacabcabcabbbcccaaabacabcabcabbbcccaaabacabcabcabbbcccaaabcc"))


def lists(splits):
    return [{"train": a.tolist(), "test": b.tolist()} for a, b in splits]


out = {
    "data": {
        "three": three.tolist(), "said": said.tolist(), "two": two.tolist(), "twoSaid": two_said.tolist(),
        "ties": ties.tolist(), "proba": proba.tolist(), "weight": weight.tolist(), "target": target.tolist(),
        "guess": guess.tolist(), "groups": groups.tolist(), "letters": letters.tolist(),
    },
    "accuracy": [m.accuracy_score(three, said), m.accuracy_score(three, said, sample_weight=weight)],
    "balanced": m.balanced_accuracy_score(three, said),
    "confusion": m.confusion_matrix(three, said).tolist(),
    "confusionWeighted": m.confusion_matrix(three, said, sample_weight=weight, normalize="true", labels=[2, 0]).tolist(),
    "each": [each.tolist() for each in m.precision_recall_fscore_support(three, said, sample_weight=weight)],
    "averaged": {a: m.precision_recall_fscore_support(three, said, average=a, beta=0.5)[:3] for a in ["micro", "macro", "weighted"]},
    "binary": m.precision_recall_fscore_support(two, two_said, average="binary", pos_label=0)[:3],
    "auc": [m.roc_auc_score(two, ties), m.roc_auc_score(two, ties, sample_weight=weight)],
    "aucMany": {f"{mc} {a}": m.roc_auc_score(three, proba, multi_class=mc, average=a) for mc in ["ovr", "ovo"] for a in ["macro", "weighted"]},
    "logLoss": [m.log_loss(three, proba), m.log_loss(three, proba, sample_weight=weight), m.log_loss(two, ties), m.log_loss(three, proba, normalize=False)],
    "regression": [
        f(target, guess, **k) for f in (m.r2_score, m.mean_squared_error, m.mean_absolute_error) for k in ({}, {"sample_weight": weight})
    ] + [m.mean_squared_error(target, guess, squared=False)],
    "report": m.classification_report(three, said, target_names=["ant", "bee", "a longer name"], digits=3),
    "reportSome": m.classification_report(three, said, labels=[2, 1]),
    "kFold": lists(s.KFold(4).split(range(10))),
    "kFoldShuffled": lists(s.KFold(3, shuffle=True, random_state=5).split(range(11))),
    "stratified": lists(s.StratifiedKFold(3).split(letters, letters)),
    "stratifiedShuffled": lists(s.StratifiedKFold(4, shuffle=True, random_state=1).split(letters, letters)),
    "group": lists(s.GroupKFold(3).split(groups, groups=groups)),
    "time": lists(s.TimeSeriesSplit(3).split(range(11))),
    "timeGap": lists(s.TimeSeriesSplit(3, gap=2, max_train_size=4, test_size=2).split(range(15))),
    "shuffle": lists(s.ShuffleSplit(2, random_state=1234).split(range(25))),
    "shuffleSizes": lists(s.ShuffleSplit(2, test_size=0.3, train_size=7, random_state=3).split(range(25))),
    "stratifiedShuffle": lists(s.StratifiedShuffleSplit(2, test_size=0.3, random_state=2).split(letters, letters)),
    "trainTest": [each.tolist() for each in s.train_test_split(np.arange(60), letters, random_state=42)],
    "trainTestStratified": [each.tolist() for each in s.train_test_split(np.arange(60), stratify=letters, random_state=42, train_size=20)],
    "trainTestPlain": [each.tolist() for each in s.train_test_split(np.arange(10), shuffle=False)],
    "grid": list(s.ParameterGrid([{"b": [1, 2], "a": ["x", "y", "z"]}, {"c": [True]}, {}])),
    "samples": list(s.ParameterSampler({"b": [1, 2, 3], "a": ["x", "y", "z"]}, 4, random_state=0)),
    "samplesOfMany": list(s.ParameterSampler({"b": list(range(100)), "a": list(range(100))}, 5, random_state=0)),
    "samplesDrawn": list(
        s.ParameterSampler(
            [{"C": loguniform(1e-3, 1e3), "k": ["a", "b", "c"]}, {"u": uniform(2, 3), "i": randint(3, 30)}], 6, random_state=3
        )
    ),
}
target_file = pathlib.Path(__file__).with_suffix(".json")
target_file.write_text(json.dumps(out, default=lambda x: x.item()) + "\n")
