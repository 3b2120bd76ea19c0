"""``python -m qa.reader_training --data FOLDER``: the reader's weights from iapp's training questions and our own."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from index.encoder import StaticEncoder
from index.records import MissingExtra, QAError
from index.segmenter import bundled_segmenter
from qa.reader_context import Context
from qa.reader_weights import FOLDER, Cutter, load_model, part
from qa.reader_words import WordTable

SHARE = 0.1  # power of the trees' odds (chosen on iapp valid and held-out questions of our own)


def run(data: Path, out: Path, kept: Path | None, epochs: int | None, threads: int, own: bool = True) -> None:
    """All steps; what lies in ``out`` is replaced at the end. A step whose result lies in ``kept`` is not repeated.

    Args:
        own: learn from the project's own questions too (those that are not held out).
    """
    try:
        import sklearn  # noqa: F401 - asked for before an hour of work, not after
        import torch  # noqa: F401
        from safetensors.numpy import save_file
    except ImportError as error:
        raise MissingExtra(error.name or "torch", "train", "training the reader") from error
    from qa.reader_training import calibration, context, networks, sentences
    from qa.reader_training.cases import cases, squad, word_arrays
    from qa.reader_training.doubt import Passages, doubtful
    from qa.reader_training.english import english_paragraphs
    from qa.reader_training.network import Plan, seen
    from qa.reader_training.own import near_misses, own_paragraphs

    plan = Plan() if epochs is None else replace(Plan(), epochs=epochs)
    segmenter = bundled_segmenter()
    cutter = Cutter(segmenter.path)
    encoder = StaticEncoder()
    words = word_arrays(data, cutter, encoder)
    table, asked = WordTable(words), squad(data / "iapp" / "iapp.train.json.gz")
    taken = len(asked)
    thai = asked + (own_paragraphs(data) if own else [])
    states = context.trained(data, [paragraph["context"] for paragraph in thai], cutter, table, kept, threads)
    around = Context(part(states, "context."), table)
    english = english_paragraphs(data, asked, encoder)
    measured = list(cases(thai, segmenter, cutter, table))
    first = len(measured)  # Thai ones, and our own English ones: what the trees are fitted on
    measured += cases(english, segmenter, cutter, table)
    answered = len(measured)
    near = near_misses(data) if own else []
    passages = Passages(asked, cutter, table, encoder)
    measured += cases(doubtful(thai, english, near, passages, taken), segmenter, cutter, table)
    print(f"{answered} answered questions measured, {len(measured) - answered} others", flush=True)
    trees, odds = sentences.fit(measured, first)
    found = [bool(case.right[o.argmax()]) for case, o in zip(measured[:first], odds[:first], strict=True)]
    print(f"the first sentence holds the answer (passages not fitted on): {100 * np.mean(found):.1f} %", flush=True)
    belief = sentences.fit_belief(measured, odds, plan.sentences)
    examples = [
        (case.group if case.group < taken else None, seen(case, o, plan.sentences, around))
        for case, o in zip(measured, odds, strict=True)
    ]
    del measured

    arrays = {f"words.{name}": value for name, value in words.items()}
    arrays |= {f"trees.{name}": value for name, value in trees.items()}
    arrays |= {f"belief.{name}": value for name, value in belief.items()}
    arrays |= states
    arrays |= networks.trained(examples[:answered], table, plan, kept, threads, examples[answered:])
    out.mkdir(parents=True, exist_ok=True)
    save_file(arrays, out / "reader.safetensors")
    shutil.copyfile(segmenter.path, out / "tokenizer.json")
    settings = {"sentences": plan.sentences, "share": SHARE, "calibration": {}, "answering": {}}
    write(settings, out)
    write(settings | calibration.fit(calibration.readings(data, load_model(out))), out)


def write(settings: dict[str, Any], out: Path) -> None:
    """The reader's settings, as ``qa.reader_weights`` reads them."""
    (out / "reader.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 where it went well, 2 where the request cannot be carried out."""
    parser = argparse.ArgumentParser(prog="python -m qa.reader_training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with iapp/, thaigov/ and pairs/")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder that the weights are written to")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--threads", type=int, default=2, help="networks that are trained at once (2)")
    parser.add_argument("--keep", type=Path, help="folder for finished networks: a run that was stopped goes on there")
    parser.add_argument("--without-own", action="store_true", help="leave out the project's own questions")
    chosen = parser.parse_args(arguments)
    try:
        run(chosen.data, chosen.out, chosen.keep, chosen.epochs, chosen.threads, not chosen.without_own)
    except (QAError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
