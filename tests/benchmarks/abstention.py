"""When is it refused to answer: ``python tests/benchmarks/abstention.py --data FOLDER``.

Our own held-out questions in folders of eight passages, a third of them near misses; then iapp test, measured only: each
question asked of the half of the passages that holds its answer, of the half that does not, and where its passage has
lost the answering sentences. Printed: AUROC of the confidence (answerable against not;
right first passage against not) and of the reader's two chances alone, the shares refused at the default threshold,
and the expected calibration error.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from qa import confidence
from qa.fit_confidence import Row, own_rows, with_and_without, without_sentences
from qa.metrics import auroc, ece_statistic
from qa.own_questions import own_passages
from qa.question_files import load_questions


def chances(rows: Sequence[Row]) -> np.ndarray:
    """(n,) the confidence of each."""
    named = [dict(zip(confidence.EVIDENCE, row.evidence, strict=True)) for row in rows]
    return np.asarray([confidence.probability(v, across=row.across) for v, row in zip(named, rows, strict=True)])


def show(label: str, rows: Sequence[Row]) -> None:
    """One line."""
    chance, right = chances(rows), np.asarray([row.right for row in rows])
    refused = chance < confidence.MIN_CONFIDENCE
    span, answering = (
        auroc(np.asarray([row.evidence[confidence.EVIDENCE.index(name)] for row in rows]), right)
        for name in ("span", "answering")
    )
    print(
        f"{label:38} {len(rows):5} asked, {right.mean():.3f} right first  AUROC {auroc(chance, right):.3f} "
        f"(the reader alone {span:.3f}, {answering:.3f})  "
        f"calibration error {ece_statistic(chance, right)(np.arange(len(rows))[None])[0]:.3f}  "
        f"refused: {refused[right].mean():.3f} of the right, {refused[~right].mean():.3f} of the others"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure refusals.")
    parser.add_argument("--data", type=Path, required=True, help="folder with iapp/ and thaigov/")
    data = parser.parse_args().data
    own = own_rows([passage for passage in own_passages(data) if passage.held_out], 1.0, 1.0)
    for label, across in (("own held-out questions in Thai", False), ("in English", True)):
        show(label, [row for row in own if row.across == across])
    test = load_questions(data / "iapp" / "iapp.test.json.gz")
    halves = with_and_without(test.documents, test.questions, 1.0)
    close = without_sentences(test.documents, test.questions, 1.0)
    show("with and without the passage", halves)
    show("the same, and without the sentences", [*halves, *close])


if __name__ == "__main__":
    main()
