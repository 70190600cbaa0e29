"""Writes text.json: scikit-learn's vectorizers. Run with /usr/bin/python3 (Debian: python3-sklearn)."""
import json
import pathlib
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer

DOCUMENTS = [
    "The quick brown fox jumps over the lazy dog; the dog sleeps.",
    "A b  cc\tddd\n\n eeee, fffff!  It's 42 o'clock_now",
    "",
    "Ünïcode: naïve café, STRASSE straße, \u4f60\u597d \u4e16\u754c, \U0001F600\U0001F601 ok x\u00b2",
    "the dog and the fox and the dog and the cat",
]
NAMES = {"ngram_range": "ngramRange", "max_features": "maxFeatures", "min_df": "minDf", "max_df": "maxDf",
         "stop_words": "stopWords", "token_pattern": "tokenPattern", "strip_accents": "stripAccents",
         "use_idf": "useIdf", "smooth_idf": "smoothIdf", "sublinear_tf": "sublinearTf"}


def case(make, **params):
    vectorizer = make(**params)
    X = vectorizer.fit_transform(DOCUMENTS)
    new = vectorizer.transform(["the new dog naps", "cc ddd", "zzz"])
    return {
        "params": {NAMES.get(k, k): v for k, v in params.items()},
        "terms": vectorizer.get_feature_names_out().tolist(),
        "X": X.toarray().ravel().tolist(),
        "new": new.toarray().ravel().tolist(),
    }


counts = [
    {}, {"ngram_range": (1, 2)}, {"ngram_range": (2, 3), "stop_words": "english"}, {"stop_words": ["dog", "the"]},
    {"binary": True, "lowercase": False}, {"min_df": 2}, {"max_df": 0.3}, {"min_df": 0.3, "max_df": 3},
    {"token_pattern": r"([a-z])[a-z]*"}, {"strip_accents": "unicode"}, {"strip_accents": "ascii"},
    {"analyzer": "char", "ngram_range": (1, 3)}, {"analyzer": "char", "ngram_range": (3, 3), "min_df": 2},
    {"analyzer": "char_wb", "ngram_range": (2, 4)}, {"analyzer": "char_wb", "ngram_range": (5, 6)},
    {"vocabulary": ["dog", "the", "zzz"]}, {"max_features": 2},
]
tfidfs = [{}, {"norm": "l1"}, {"norm": None, "smooth_idf": False}, {"use_idf": False}, {"sublinear_tf": True, "analyzer": "char"},
          {"vocabulary": ["dog", "the", "zzz"]}]
out = {
    "documents": DOCUMENTS,
    "counts": [case(CountVectorizer, **params) for params in counts],
    "tfidfs": [case(TfidfVectorizer, **params) for params in tfidfs],
}
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text(json.dumps(out) + "\n")
