"""The data folder -> counts, tokenizer and corpus; each kept in the work folder, so that a run can go on."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.records import UsageError
from index.training import corpora, vocabulary
from index.training.bags import Bags, bag, inverse_frequency, once, pack
from index.training.batches import Corpus
from index.training.leaks import measured_questions, without_leaks

COUNTED_ARTICLES = 10_000  # news items that words are counted on; more change no piece that matters
WEIGHTS = {
    "articles": 1,
    "iapp": 5,
    "thai": 2,
    "english": 4,
    "lexicon": 10,
    "lexicon_english": 20,
    "names": 2,
}
GLOSS_TOKENS = 8  # of the Thai before English in brackets
LEAD = 150  # tokens of an article that word frequencies are counted on


def entries(data: Path) -> list[corpora.Entry]:
    """All sets of forms that mean the same, without any that is a question of a measured set."""
    found = corpora.read_lexicon() + corpora.read_transliterations(data) + corpora.read_synonyms(data)
    return without_leaks(found, measured_questions(data))


def tokenizer(data: Path, work: Path, sizes: vocabulary.Sizes, processes: int, given: Path | None = None) -> Tokenizer:
    """The tokenizer of ``work``; ``given`` is copied there, or one made, if there is none yet.

    Raises UsageError where ``given`` is missing, or ``work`` was begun with another.
    """
    path = work / "tokenizer.json"
    if given and not given.is_file():
        raise UsageError(f"{given} is missing: give a tokenizer.json, or leave --tokenizer out to have one made")
    if given and path.exists() and path.read_bytes() != given.read_bytes():
        raise UsageError(f"{work} was begun with another tokenizer: name a new folder with --work, or delete this one")
    if given:
        shutil.copy(given, path)
    if not path.exists():
        made = vocabulary.build_tokenizer(vocabulary.choose(count(data, processes), sizes))
        made.save(str(path))
    return Tokenizer.from_file(str(path))


def count(data: Path, processes: int) -> Counter[str]:
    """How often each word stands in the corpora, each corpus with its weight."""
    articles = [f"{a.title}\n{a.text}" for a in corpora.read_articles(data, COUNTED_ARTICLES)]
    passages, questions = corpora.read_squad(data / "iapp" / "iapp.train.json.gz")
    parallel = corpora.read_parallel(data)
    forms = entries(data)
    counts: Counter[str] = Counter()
    _add(counts, _count_in_parallel(articles, processes), "articles")
    _add(counts, _count_in_parallel([*passages, *(q.text for q in questions)], processes), "iapp")
    _add(counts, vocabulary.count_words(p.thai for p in parallel), "thai")
    _add(counts, vocabulary.latin_words(f"{p.english} {p.paraphrase}" for p in parallel), "english")
    _add(counts, vocabulary.count_words(form for e in forms for form in e.thai), "lexicon")
    _add(counts, vocabulary.latin_words(form for e in forms for form in e.english), "lexicon_english")
    return counts


def _add(counts: Counter[str], more: Counter[str], kind: str) -> None:
    for word, number in more.items():
        counts[word] += number * WEIGHTS[kind]


def _count_in_parallel(texts: Sequence[str], processes: int) -> Counter[str]:
    if processes < 2:
        return vocabulary.count_words(texts)
    counts: Counter[str] = Counter()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for part in pool.map(vocabulary.count_words, [list(texts[i :: processes * 4]) for i in range(processes * 4)]):
            counts.update(part)
    return counts


def corpus(data: Path, work: Path, cutter: Tokenizer, articles: int | None) -> Corpus:
    """Everything that pairs are drawn from, as token ids of ``cutter``."""
    titles, texts = _articles(data, work, cutter, articles)
    passages, questions = corpora.read_squad(data / "iapp" / "iapp.train.json.gz")
    parts, part_of, starts = _split(passages)
    answers_in = answering_parts(questions, part_of, starts)
    part_by_question = {corpora.question_key(q.text): int(a) for q, a in zip(questions, answers_in, strict=True)}
    parallel = corpora.read_parallel(data)
    english = [(e, p) for p in parallel for e in (p.english, p.paraphrase)]
    passage_bags = bag(cutter, passages)
    english_bags = bag(cutter, [e for e, _ in english])
    latin = np.array([len(piece) > 1 and piece.isascii() and piece.isalpha() for piece in _pieces(cutter)])
    return Corpus(
        titles=titles,
        articles=texts,
        questions=bag(cutter, [q.text for q in questions]),
        passages=passage_bags,
        parts=bag(cutter, parts),
        part_of=part_of,
        answers_in=answers_in,
        english=english_bags,
        english_thai=bag(cutter, [p.thai for _, p in english]),
        english_in=np.array([part_by_question.get(corpora.question_key(p.thai), -1) for _, p in english]),
        entries=_forms(cutter, entries(data)),
        glosses=_glosses(data, work, cutter, passages, articles),
        idf=_idf(texts, passage_bags, english_bags, latin),
        latin=latin,
    )


def words_of(cutter: Tokenizer) -> NDArray[np.bool_]:
    """(size,) which pieces hold a letter or a figure."""
    return np.array([any(char.isalnum() for char in piece) for piece in _pieces(cutter)])


def _pieces(cutter: Tokenizer) -> list[str]:
    return [cutter.id_to_token(token) or "" for token in range(cutter.get_vocab_size())]


def _articles(data: Path, work: Path, cutter: Tokenizer, limit: int | None) -> tuple[Bags, Bags]:
    path = work / "articles.npz"
    if not path.exists():
        found = list(corpora.read_articles(data, limit))
        titles, texts = bag(cutter, (a.title for a in found)), bag(cutter, (a.text for a in found))
        fresh = path.with_suffix(".new.npz")
        np.savez(fresh, title=titles.ids, title_at=titles.starts, text=texts.ids, text_at=texts.starts)
        fresh.replace(path)
    with np.load(path) as arrays:
        return Bags(arrays["title"], arrays["title_at"]), Bags(arrays["text"], arrays["text_at"])


def _split(passages: Sequence[str]) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Parts of all passages, the passage of each, and the character of it that each starts at."""
    found = [(text, number, start) for number, p in enumerate(passages) for start, text in corpora.split_passage(p)]
    texts, numbers, starts = zip(*found, strict=True)
    return list(texts), np.array(numbers, np.int64), np.array(starts, np.int64)


def answering_parts(
    questions: Sequence[corpora.Question], part_of: NDArray[np.int64], starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The part in which each question's answer begins, (n,)."""
    found = []
    for question in questions:
        first, end = np.searchsorted(part_of, (question.passage, question.passage + 1))
        found.append(first + np.searchsorted(starts[first:end], max(question.start, 0), "right") - 1)
    return np.array(found, np.int64)


def _forms(cutter: Tokenizer, found: Sequence[corpora.Entry]) -> list[tuple[Bags, Bags]]:
    """Token ids of each entry's Thai and English forms; entries with nothing to pair are left out."""
    flat = bag(cutter, (form for entry in found for form in entry.thai + entry.english))
    out = []
    place = 0
    for entry in found:
        middle, end = place + len(entry.thai), place + len(entry.thai) + len(entry.english)
        thai = [flat[i] for i in range(place, middle) if len(flat[i])]
        english = [flat[i] for i in range(middle, end) if len(flat[i])]
        place = end
        if thai and len(thai) + len(english) > 1:
            out.append((pack(thai), pack(english)))
    return out


def _glosses(
    data: Path, work: Path, cutter: Tokenizer, passages: Iterable[str], limit: int | None
) -> tuple[Bags, Bags]:
    path = work / "glosses.json"
    if not path.exists():
        texts = [*(a.text for a in corpora.read_articles(data, limit)), *passages]
        pairs = sorted({pair for text in texts for pair in corpora.glosses(text)})
        path.write_text(json.dumps(pairs, ensure_ascii=False), encoding="utf-8")
    pairs = json.loads(path.read_text(encoding="utf-8"))
    english, thai = bag(cutter, [e for e, _ in pairs]), bag(cutter, [t for _, t in pairs])
    good = [i for i in range(len(pairs)) if len(english[i]) and len(thai[i])]
    return english.take(good), pack([thai[i][-GLOSS_TOKENS:] for i in good])


def _idf(articles: Bags, passages: Bags, english: Bags, latin: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Over article leads and passages; Latin words at most as over English questions ("the" is rare in Thai)."""
    thai = pack([*(articles[i][:LEAD] for i in range(len(articles))), *(passages[i] for i in range(len(passages)))])
    general = inverse_frequency(once(thai), len(latin))
    return np.where(latin, np.minimum(general, inverse_frequency(english, len(latin))), general).astype(np.float32)
