"""Writes datasets.json: scikit-learn's generated data sets. Run with /usr/bin/python3 (Debian: python3-sklearn)."""
import json
import pathlib
from sklearn.datasets import make_classification, make_moons

CLASSIFICATIONS = [
    {},
    {"n_samples": 37, "n_features": 9, "n_informative": 4, "n_redundant": 2, "n_repeated": 2, "n_classes": 3, "class_sep": 1.5, "flip_y": 0.2},
    {"n_samples": 20, "n_features": 12, "n_informative": 10, "n_classes": 2, "weights": [0.7], "shuffle": False},
]


def camel(name):
    head, *rest = name.split("_")
    return head + "".join(each.title() for each in rest)


def case(make, **options):
    X, y = make(**options, random_state=3)
    return {"options": {camel(k): v for k, v in options.items()}, "X": X.tolist(), "y": y.tolist()}


target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(
    json.dumps(
        {
            "moons": [case(make_moons, n_samples=11, noise=0.1), case(make_moons, n_samples=6, shuffle=False)],
            "classifications": [case(make_classification, **options) for options in CLASSIFICATIONS],
        }
    )
    + "\n"
)
