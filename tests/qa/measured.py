"""A question as the reader takes it, its words weighing alike: for tests of reading without a store."""

from __future__ import annotations

import numpy as np

from index.segmenter import bundled_segmenter
from qa.rerank import Question

SEGMENTER = bundled_segmenter()


def question(text: str) -> Question:
    ids = SEGMENTER.ids(text)
    distinct = np.asarray(list(dict.fromkeys(ids)), dtype=np.int64)
    return Question(text, tuple(ids), distinct, np.ones(len(distinct), np.float32), np.zeros(1, np.float32), 100.0)
