"""How the reader's networks are trained: what torch scores is what numpy scores, seeds repeat, finished work is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa.reader_network import LONGEST_SPAN, NONE, Networks
from qa.reader_training.network import Net, Plan, Seen, tensors, train
from qa.reader_training.networks import trained
from qa.reader_words import WordTable

WORDS, COLUMNS, AROUND = 60, 9, 7
PLAN = Plan(word_dimensions=8, width=12, around=4, networks=2, epochs=2, batch=4, warm_up=2)


def examples(count: int = 12) -> list[Seen]:
    """Passages of two sentences whose answer is where the first column is 1."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(count):
        t = int(rng.integers(12, 40))
        first = int(rng.integers(t // 2 - 2))
        last = first + int(rng.integers(2))
        columns = rng.random((t, COLUMNS)).astype(np.float16)
        columns[:, 0] = 0
        columns[first : last + 1, 0] = 1
        ids, words = (rng.integers(1, 30, size).astype(np.int64) for size in (5, t))
        around = rng.normal(size=(t, AROUND)).astype(np.float16)
        made.append(Seen(ids, words, columns, around, np.arange(t) // (t // 2), first, last))
    return made


def read(example: Seen) -> tuple[np.ndarray, ...]:
    """What ``Networks.spans`` takes."""
    columns, around = example.columns.astype(np.float32), example.around.astype(np.float32)
    return example.ids, example.words, columns, around, example.owner


def table() -> WordTable:
    return WordTable(
        {"weight": np.ones(WORDS), "alike": np.ones((WORDS, 8), np.int8), "alike_scale": np.ones(WORDS, np.float16)}
    )


def rows() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(WORDS, PLAN.word_dimensions)).astype(np.float32)


def test_numpy_scores_what_torch_scores() -> None:
    import torch

    torch.manual_seed(0)
    net = Net(torch.from_numpy(rows()), COLUMNS, AROUND, PLAN).eval()
    torch.nn.init.normal_(net.nul.weight)  # of no answer
    weights = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    vectors = weights.pop("emb.weight")
    networks = Networks([{**weights, "vectors": vectors, "vectors_scale": np.ones(WORDS, np.float32)}])
    group = examples(3)
    with torch.no_grad():
        expected = net(*tensors(group)).numpy()
    for example, other in zip(group, expected, strict=True):
        (scores,) = networks.spans(*read(example))
        other = other[: len(example.words)]
        assert scores.shape == (len(example.words), LONGEST_SPAN)
        assert ((scores > NONE / 2) == (other > NONE / 2)).all()
        np.testing.assert_allclose(scores[scores > NONE / 2], other[scores > NONE / 2], atol=1e-4)


def test_training_learns_repeats_and_leaves_unseen_words_alone() -> None:
    losses: list[float] = []
    plan = replace(PLAN, epochs=30, rate=1e-2, dropout=0.1)
    first = train(examples(), rows(), plan, lambda epoch, loss: losses.append(loss))
    assert losses[-1] < 0.7 * losses[0]
    again = train(examples(), rows(), plan, lambda epoch, loss: None)
    assert all((first[name] == again[name]).all() for name in first)
    assert (first["emb.weight"][30:] == rows()[30:]).all() and (first["emb.weight"][1:30] != rows()[1:30]).any()


def unanswered(count: int = 12) -> list[Seen]:
    """Passages that bear no mark."""
    made = []
    for example in examples(count):
        columns = example.columns.copy()
        columns[:, 0] = 0
        made.append(replace(example, columns=columns, first=-1, last=-1))
    return made


def height(weights: dict[str, np.ndarray], example: Seen) -> float:
    """Log-odds of all spans against no answer."""
    rest = {name: value for name, value in weights.items() if name != "emb.weight"}
    networks = Networks([{**rest, "vectors": weights["emb.weight"], "vectors_scale": np.ones(WORDS, np.float32)}])
    (scores,) = networks.spans(*read(example))
    return float(np.logaddexp.reduce(scores.ravel()))


def test_the_second_training_tells_passages_that_answer_from_others() -> None:
    plan = replace(PLAN, epochs=30, rate=1e-2, dropout=0.1)
    first = train(examples(), rows(), plan, lambda epoch, loss: None)
    both = [*examples(), *unanswered()]
    second = train(both, rows(), plan, lambda epoch, loss: None, first, doubting=True)
    answering, others = ([height(second, example) for example in part] for part in (examples(), unanswered()))
    assert min(answering) > 0 > max(others)
    assert (first["nul.bias"] == 0).all() and (second["nul.bias"] != 0).all()
    assert (first["emb.weight"] == second["emb.weight"]).all()


def test_both_trainings_are_kept_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = replace(PLAN, networks=1)
    answered = [(None, example) for example in examples()]
    once = trained(answered, table(), plan, tmp_path, 1)
    twice = trained(answered, table(), plan, tmp_path, 1, [(None, example) for example in unanswered()])
    assert capsys.readouterr().out.count("taken from") == 1  # the first of the two
    assert all((once[name] == twice[name]).all() for name in once)  # what finds spans stays as it was
    added = {name.removeprefix("doubt.") for name in twice if name not in once}
    assert added == {name.removeprefix("network0.") for name in once} - {"vectors", "vectors_scale"}
    assert (twice["doubt.nul.bias"] != 0).all() and (twice["doubt.so.weight"] != once["network0.so.weight"]).any()
    assert len(list(tmp_path.iterdir())) == 2


def test_each_network_leaves_out_other_passages_and_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grouped = [(number % 4, example) for number, example in enumerate(examples())]
    arrays = trained(grouped, table(), PLAN, tmp_path, 1)
    assert {name.split(".")[0] for name in arrays} == {"network0", "network1"}
    assert (arrays["network0.so.weight"] != arrays["network1.so.weight"]).any()
    blind = [(0, example) if group == 0 else (group, None) for group, example in grouped]
    capsys.readouterr()
    again = trained(
        blind, table(), PLAN, tmp_path, 1
    )  # nothing to learn from is left: only kept networks can come back
    assert capsys.readouterr().out.count("taken from") == 2
    assert all((arrays[name] == again[name]).all() for name in arrays)


def test_a_passage_without_a_number_is_left_out_by_no_network() -> None:
    plan = replace(PLAN, networks=1)
    every = trained([(None, example) for example in examples()], table(), plan, None, 1)
    numbered = trained([(1, example) for example in examples()], table(), plan, None, 1)
    assert all((every[name] == numbered[name]).all() for name in every)
    with pytest.raises(ValueError):  # network 0 leaves out all that is numbered 0: nothing is left
        trained([(0, example) for example in examples()], table(), plan, None, 1)


def test_networks_beyond_the_first_are_told_nothing_of_what_stands_around() -> None:
    arrays = trained([(None, example) for example in examples()], table(), replace(PLAN, told=1), None, 1)
    each = [
        Networks([{name.removeprefix(key): value for name, value in arrays.items() if name.startswith(key)}])
        for key in ("network0.", "network1.")
    ]
    example = examples()[0]
    other = replace(example, around=example.around[::-1])
    told, untold = ([network.spans(*read(one)) for one in (example, other)] for network in each)
    assert (told[0] != told[1]).any() and (untold[0] == untold[1]).all()
