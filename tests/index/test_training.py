"""Training of the bundled encoder: its parts by hand-made cases, and a whole run on a toy corpus."""

from __future__ import annotations

import csv
import gzip
import json
import lzma
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from index.encoder import StaticEncoder
from index.records import DocumentError, UsageError
from index.training import __main__ as command
from index.training import corpora, prepare, vocabulary
from index.training.alignment import align
from index.training.bags import Bags, inverse_frequency, once, pack
from index.training.batches import Batch, Mix, Pair, Sampler, _assemble
from index.training.corpora import Entry
from index.training.export import fingerprint, quantise, save
from index.training.leaks import without_leaks
from index.training.loop import Schedule, contrast, gradient, rise_and_fall, train
from index.training.measure import figures
from index.training.switching import switch, synonyms, translations

TINY = vocabulary.Sizes(thai=300, english=100, numbers=20, pieces=50)
TOPICS = {  # topic: Thai words, English words
    "น้ำท่วม": ("ระดับ แม่น้ำ ฝน ตก หนัก บ้านเรือน เสียหาย อพยพ", "flood river rain"),
    "รถไฟ": ("สถานี ตั๋ว โดยสาร ขบวน ราง ออก เดินทาง กรุงเทพ", "train station ticket"),
    "โรงพยาบาล": ("แพทย์ พยาบาล ผู้ป่วย รักษา ยา ตรวจ ห้อง ฉุกเฉิน", "hospital doctor patient"),
    "โรงเรียน": ("ครู นักเรียน เรียน สอบ ห้องเรียน วิชา หนังสือ ภาคเรียน", "school teacher student"),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of the real one's shape: 60 news items, 16 questions, pairs."""
    folder = tmp_path_factory.mktemp("data")
    for name in ("thaigov", "iapp", "pairs"):
        (folder / name).mkdir()
    rng = np.random.default_rng(0)
    items, squad, parallel = [], [], []
    for number in range(60):
        topic, (thai, english) = list(TOPICS.items())[number % len(TOPICS)]
        body = " ".join("".join(rng.permutation(thai.split())) for _ in range(10))
        items.append({"id": str(number), "title": f"ข่าว{topic}ครั้งที่ {number}", "text": f"{body} ({english}) {topic}"})
        if number < 16:
            answers = [{"text": topic, "answer_start": body.find(topic)}]
            question = f"{topic}เรื่องที่ {number} คืออะไร"
            squad.append(
                {"context": body + topic, "qas": [{"id": str(number), "question": question, "answers": answers}]}
            )
            parallel.append(
                [question + "?ครับ", f"what is {english} {number}", f"tell {english} {number}", "iapp-train"]
            )
    with lzma.open(folder / "thaigov" / "thaigov.jsonl.xz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    with gzip.open(folder / "iapp" / "iapp.train.json.gz", "wt", encoding="utf-8") as out:
        json.dump({"data": [{"title": "t", "paragraphs": squad}]}, out, ensure_ascii=False)
    with (folder / "pairs" / "question_pairs.en-th.tsv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, delimiter="\t").writerows([["th", "en", "en_paraphrase", "origin"], *parallel])
    (folder / "pairs" / "transliteration.tsv").write_text("th\ten\tcheck\nกราฟ\tgraph\tTrue\nxx\tyy\tFalse\n", "utf-8")
    (folder / "pairs" / "synonyms.csv").write_text("word,pos,synonym\nน้ำ,n,วารี|ชล\n", "utf-8")
    return folder


@pytest.fixture
def small_lexicon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy run reads a handful of lexicon lines, not all of them."""
    some = [Entry((topic,), (english.split()[0],)) for topic, (_, english) in TOPICS.items()]
    monkeypatch.setattr(corpora, "read_lexicon", lambda: some)


def toy_run(data: Path, folder: Path, steps: int = 60) -> StaticEncoder:
    first = Schedule(dimension=64, steps=steps, batch=32, rate=0.1, seed=3)
    second = Schedule(dimension=64, steps=5, batch=32, rate=0.03, seed=4)
    phases = [(first, Mix()), (second, command.POLISH[1])]
    command.run(data, folder / "model", folder / "work", phases, TINY, threads=1, name="toy")
    return StaticEncoder(folder / "model")


def test_a_whole_run_learns_and_is_deterministic(data: Path, tmp_path: Path, small_lexicon: None) -> None:
    one, two = toy_run(data, tmp_path / "one"), toy_run(data, tmp_path / "two")
    assert one.fingerprint == two.fingerprint
    questions = one.encode(["train station", "hospital doctor"], role="query")
    passages = one.encode(["รถไฟเที่ยวแรก", "โรงพยาบาลแห่งใหม่"], role="document")
    assert (questions @ passages.T).argmax(axis=1).tolist() == [0, 1]


def test_a_run_goes_on_from_its_checkpoint(
    data: Path, tmp_path: Path, small_lexicon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.training.loop.SAVE_EVERY", 4)
    cutter = prepare.tokenizer(data, tmp_path, TINY, 1)
    corpus = prepare.corpus(data, tmp_path, cutter, None)
    rows = np.random.default_rng(0).standard_normal((cutter.get_vocab_size(), 16), dtype=np.float32)
    plan = Schedule(dimension=16, steps=10, batch=16)
    whole = train(rows, Sampler(corpus, Mix(), 1), plan)

    def stop(step: int, loss: float) -> None:
        if step == 6:
            raise KeyboardInterrupt

    checkpoint = tmp_path / "checkpoint.safetensors"
    with pytest.raises(KeyboardInterrupt):
        train(rows, Sampler(corpus, Mix(), 1), plan, stop, checkpoint)
    steps: list[int] = []
    resumed = train(rows, Sampler(corpus, Mix(), 1), plan, lambda step, loss: steps.append(step), checkpoint)
    assert steps == [5, 6, 7, 8, 9, 10]
    assert np.allclose(resumed, whole, atol=1e-5)


def test_a_given_segmentation_is_kept(data: Path, tmp_path: Path) -> None:
    given, work = tmp_path / "given.json", tmp_path / "work"
    work.mkdir()
    vocabulary.build_tokenizer({"รถไฟ": -1.0, "สถานี": -2.0}).save(str(given))
    assert "รถไฟ" in prepare.tokenizer(data, work, TINY, 1, given).get_vocab()
    assert (work / "tokenizer.json").read_bytes() == given.read_bytes()
    vocabulary.build_tokenizer({"แพทย์": -1.0}).save(str(given))
    with pytest.raises(UsageError, match="another tokenizer"):
        prepare.tokenizer(data, work, TINY, 1, given)
    with pytest.raises(UsageError, match=r"nowhere\.json is missing"):
        prepare.tokenizer(data, work, TINY, 1, tmp_path / "nowhere.json")


def test_missing_data_is_an_error_that_names_the_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--data", str(tmp_path / "none"), "--out", str(tmp_path / "model")]) == 2
    assert "--data" in capsys.readouterr().err
    with pytest.raises(UsageError):
        list(corpora.read_articles(tmp_path))


def test_every_line_of_the_lexicon_reads() -> None:
    entries = corpora.read_lexicon()
    assert all(entry.thai and all(form for form in entry.thai + entry.english) for entry in entries)
    assert sum(bool(entry.english) for entry in entries) > 1_000


def test_a_bad_lexicon_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("# note\nน้ำ|วารี\twater\n\tno thai\n", "utf-8")
    with pytest.raises(DocumentError, match=r"a\.tsv:3"):
        corpora.read_lexicon(tmp_path)


def test_question_key_joins_spellings() -> None:
    assert corpora.question_key("ทําอาชีพอะไร?ครับ") == corpora.question_key("ทำอาชีพอะไร ?")
    assert corpora.question_key("ทำอะไร") != corpora.question_key("ทำไม")


def test_glosses_are_the_thai_before_the_brackets() -> None:
    found = corpora.glosses("ส่งเสริมซอฟต์พาวเวอร์ (soft power) และ คลีโอพัตรา (อังกฤษ: Cleopatra) (2567)")
    assert found == [("soft power", "ส่งเสริมซอฟต์พาวเวอร์"), ("Cleopatra", "และ คลีโอพัตรา")]


def test_passage_parts_join_to_the_passage() -> None:
    text = "คำ " * 400 + "จบ"
    parts = corpora.split_passage(text, 100)
    assert "".join(part for _, part in parts) == text
    assert all(text[start:].startswith(part) for start, part in parts)


def test_near_duplicates_of_measured_questions_are_left_out() -> None:
    asked = ["ใครเป็นประธานาธิบดีคนแรกของสหรัฐอเมริกา"]
    leak = Entry(("ใครเป็นประธานาธิบดีคนแรกของประเทศสหรัฐอเมริกา?",), ("Who was the first president?",))
    fine = Entry(("ใครเป็นนายกรัฐมนตรีคนปัจจุบันของประเทศไทย",), ())
    assert without_leaks([leak, fine], asked) == [fine]


def test_tokenizer_prefers_whole_words_and_breaks_the_rest() -> None:
    scores = vocabulary.choose(Counter({"ประเทศไทย": 50, "ประเทศ": 80, "ไทย": 90, "river": 9, "2567": 5}), TINY)
    cutter = vocabulary.build_tokenizer(scores)
    assert cutter.encode("ประเทศไทย ๒๕๖๗ River").tokens == ["ประเทศไทย", "2567", "river"]
    assert cutter.encode("zz").tokens == ["z", "z"]
    assert cutter.encode("汉").ids == [0]


def test_alignment_finds_the_word_that_goes_with_each() -> None:
    # 1 = "red", 2 = "house", 3 = "car"; 4 = แดง, 5 = บ้าน, 6 = รถ
    english, thai = pack([[1, 2], [1, 3], [2], [3]]), pack([[5, 4], [6, 4], [5], [6]])
    source, target, chance = align(english, thai, 7, rounds=20)
    best = {int(s): int(target[source == s][chance[source == s].argmax()]) for s in np.unique(source)}
    assert best == {1: 4, 2: 5, 3: 6}
    assert np.allclose([chance[source == s].sum() for s in best], 1)


def test_inverse_frequency_by_hand() -> None:
    idf = inverse_frequency(pack([[1, 1, 2], [1]]), 4)
    assert np.allclose(idf, np.log([3 / 0.5, 3 / 2.5, 3 / 1.5, 3 / 0.5]))


def test_once_keeps_each_token_of_each_text() -> None:
    found = once(pack([[5, 3, 5], [], [3]]))
    assert [found[i].tolist() for i in range(3)] == [[3, 5], [], [3]]


def forms(*sequences: list[int]) -> Bags:
    return pack(list(sequences))


def test_switching_takes_the_longest_form() -> None:
    entries = [(forms([1, 2], [3]), forms([10])), (forms([1]), forms([11]))]
    rng = np.random.default_rng(0)
    assert switch(np.array([1, 2, 4, 1], np.int32), translations(entries), 1.0, rng).tolist() == [10, 4, 11]
    assert switch(np.array([3, 4], np.int32), synonyms(entries), 1.0, rng).tolist() == [1, 2, 4]


def test_overlapping_passages_are_no_wrong_answers() -> None:
    ids = np.array([1], np.int32)
    pairs = [Pair(ids, ids, 0, 0, ((ids, 1),)), Pair(ids, ids, 0, 1), Pair(ids, ids, 0), Pair(ids, ids, 1)]
    same = _assemble(pairs).same  # columns: part 0, part 1, whole, other text, part 1 again
    expected = [[0, 0, 1, 0, 0], [0, 0, 1, 0, 1], [1, 1, 0, 0, 1], [0, 0, 0, 0, 0]]
    assert same.astype(int).tolist() == expected


def test_contrast_by_hand() -> None:
    queries = passages = np.eye(2, dtype=np.float32)
    # each row and column: -ln(e^s / (e^s + e^0)) with s = 2
    expected = -np.log(np.exp(2) / (np.exp(2) + 1))
    assert contrast(queries, passages, np.zeros((2, 2), bool), 2.0)[0] == pytest.approx(expected)
    assert contrast(queries, passages, ~np.eye(2, dtype=bool), 2.0)[0] == pytest.approx(0, abs=1e-6)


def test_gradient_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(5)
    table = rng.standard_normal((12, 4)).astype(np.float32)
    queries = pack([rng.integers(0, 10, 4) for _ in range(3)])
    passages = pack([rng.integers(0, 10, 9) for _ in range(5)])
    same = np.zeros((3, 5), bool)
    same[0, 4] = same[2, 1] = True
    batch = Batch(queries, passages, same)
    before = queries.ids.tolist(), passages.ids.tolist()
    _, used, slope = gradient(table, batch, 5.0)
    assert (queries.ids.tolist(), passages.ids.tolist()) == before
    assert set(used.tolist()) == set(queries.ids.tolist()) | set(passages.ids.tolist())
    for place, token in enumerate(used[:4].tolist()):
        for axis in range(4):
            step = np.zeros_like(table)
            step[token, axis] = 1e-2
            change = gradient(table + step, batch, 5.0)[0] - gradient(table - step, batch, 5.0)[0]
            assert slope[place, axis] == pytest.approx(change / 2e-2, abs=2e-3)


def test_rate_rises_and_falls_to_nothing() -> None:
    assert rise_and_fall(0) < rise_and_fall(0.04) < 1
    assert rise_and_fall(0.05) == 1.0
    assert rise_and_fall(0.525) == pytest.approx(0.5)
    assert rise_and_fall(1) == 0


def test_figures_by_hand() -> None:
    scores = np.array([[0.9, 0.1, 0.0], [0.5, 0.5, 0.1], [0.1, 0.8, 0.3]], np.float32)
    found = figures(scores, np.array([0, 1, 2]))  # ranks 1, 2 (a tie), 2
    assert found.first == pytest.approx(1 / 3)
    assert found.ndcg == pytest.approx((1 + 2 / np.log2(3)) / 3)


def test_quantised_rows_are_within_half_a_step() -> None:
    rows = np.random.default_rng(0).standard_normal((50, 8)).astype(np.float32)
    rows[3] = 0
    small, scales = quantise(rows)
    assert np.abs(small * scales[:, None] - rows).max() <= scales.max() / 2 + 1e-6
    assert not small[3].any()


def test_saving_keeps_the_card_and_replaces_the_rest(tmp_path: Path) -> None:
    cutter = vocabulary.build_tokenizer(vocabulary.choose(Counter({"น้ำ": 3}), TINY))
    rows = np.random.default_rng(0).standard_normal((cutter.get_vocab_size(), 8)).astype(np.float32)
    folder = tmp_path / "model"
    save(rows, cutter, folder, "toy")
    (folder / "README.md").write_text("card", "utf-8")
    save(rows * 2 + 1, cutter, folder, "toy")
    assert (folder / "README.md").read_text("utf-8") == "card"
    assert StaticEncoder(folder).fingerprint == fingerprint(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
