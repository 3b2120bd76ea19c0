"""What stands around a word: the same in numpy as in torch, from before it or from behind it alone, and better than chance."""

from __future__ import annotations

import numpy as np
import pytest

from qa.reader_context import DIRECTIONS, Context, around, known
from qa.reader_text import cut_passage
from qa.reader_training.context import BETWEEN, Guessing, Way, stream, taught
from qa.reader_weights import load_model
from qa.reader_words import WordTable

WORDS = 40
PLAN = Guessing(width=8, dimensions=6, length=16, batch=4, steps=200, warm_up=4, others=20, rate=2e-2)


def table() -> WordTable:
    rows = np.random.default_rng(0).integers(-127, 128, size=(WORDS, 8)).astype(np.int8)
    return WordTable({"weight": np.ones(WORDS), "alike": rows, "alike_scale": np.full(WORDS, 0.004, np.float16)})


def rows() -> np.ndarray:
    return known(np.arange(WORDS), table())


def words(count: int) -> np.ndarray:
    """Each word is followed by the one after it in number, but for a sixth of them."""
    rng = np.random.default_rng(1)
    jumps = rng.random(count) < 1 / 6
    steps = np.where(jumps, rng.integers(1, WORDS, count), 1)
    return (1 + np.cumsum(steps) % (WORDS - 1)).astype(np.int32)


@pytest.mark.parametrize("count", [0, 1, 3, 50])
def test_numpy_has_the_states_of_torch(count: int) -> None:
    import torch

    torch.manual_seed(0)
    ways = {way: Way(torch.from_numpy(rows()), torch.ones(WORDS), PLAN).eval() for way in DIRECTIONS}
    arrays = {
        f"{way}.{name}": value.detach().numpy()
        for way, net in ways.items()
        for name, value in net.named_parameters()
        if name.startswith(("inp.", "convs."))
    }
    context = Context(arrays, table())
    ids = np.random.default_rng(2).integers(0, WORDS, count)
    states = context.states(ids)
    assert states.shape == (count, context.width) == (count, 2 * PLAN.width)
    with torch.no_grad():
        before = ways["forward"](torch.from_numpy(ids)[None])[0].numpy()
        behind = ways["back"](torch.from_numpy(ids[::-1].copy())[None])[0].numpy()[::-1]
    np.testing.assert_allclose(states, np.concatenate([before, behind], axis=1), atol=1e-5)


def test_one_half_knows_what_leads_to_a_word_and_the_other_what_follows() -> None:
    context = load_model().context
    ids = np.asarray(load_model().cutter.ids(["โรงเรียนบ้านหนองแวงก่อตั้งขึ้นเมื่อวันที่ 12 พฤษภาคม โดยนายบุญมี ศรีสุข"])[0])
    other = ids.copy()
    other[6] = ids[0]
    one, two = context.states(ids), context.states(other)
    half = context.width // 2
    assert (one[:6, :half] == two[:6, :half]).all() and (one[7:, half:] == two[7:, half:]).all()
    assert (one[6:9, :half] != two[6:9, :half]).any() and (one[4:7, half:] != two[4:7, half:]).any()


def test_guessing_is_learned_in_either_direction_and_repeats() -> None:
    import torch

    texts, unseen = words(3_000), torch.from_numpy(words(400)[None].astype(np.int64))
    others = np.arange(1, WORDS)
    for way in DIRECTIONS:
        weights = taught(rows(), texts, texts[:100], PLAN, way)
        again = taught(rows(), texts, texts[:100], PLAN, way)
        assert all((weights[name] == again[name]).all() for name in weights)
        net = Way(torch.from_numpy(rows()), torch.ones(WORDS), PLAN)
        net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
        with torch.no_grad():
            loss = net.loss(unseen if way == "forward" else unseen.flip(1), others).item()
        assert loss < 0.6 * np.log(WORDS - 1)  # of guessing blindly


def test_texts_stand_apart() -> None:
    cutter = load_model().cutter
    row = stream(["โรงเรียน", "ครู"], cutter)
    first, second = cutter.ids(["โรงเรียน", "ครู"])
    assert row.tolist() == [*first, *[0] * BETWEEN, *second, *[0] * BETWEEN]
    assert len(stream([], cutter)) == 0


def test_what_stands_around_is_worked_out_once_a_passage() -> None:
    model = load_model()
    text = "โรงเรียนบ้านหนองแวงมีนักเรียน 248 คน"
    one, two = (cut_passage(text, model.cutter.tokens(text)) for _ in range(2))
    assert around(one, model.context) is around(one, model.context)
    np.testing.assert_array_equal(around(two, model.context), model.context.states(one.ids))
