"""Why a passage was found, and why it stands above the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.lexicon import folded
from index.records import Explanation, Hit, MatchedWord, Place
from index.segmenter import Segmenter, Token
from index.store import StoredChunk
from qa.fusion import minmax
from qa.rerank import Question

NAMED = 3  # differences that the one line names
TELLS = 0.01  # a smaller difference is none
LABELS = {  # feature -> what a person calls it, in Thai and English
    "words": ("คำที่ตรงกัน", "words in common"),
    "dense": ("ความหมายของข้อความ", "meaning of the passage"),
    "paragraph": ("ความหมายของย่อหน้า", "meaning of the paragraph"),
    "context": ("ความหมายรวมข้อความข้างเคียง", "meaning with its neighbours"),
    "coverage": ("คำสำคัญที่พบ", "share of the question's words"),
    "neighbours": ("คำที่พบรวมข้อความข้างเคียง", "words found with its neighbours"),
    "meaning": ("สำนวนที่ตรงหรือมีความหมายเดียวกัน", "expressions met, in these words or others"),
    "meaning_paragraph": ("สำนวนที่ตรงในย่อหน้า", "expressions met in the paragraph"),
    "meaning_near": ("สำนวนที่ตรงรวมข้อความข้างเคียง", "expressions met with its neighbours"),
    "maxsim": ("คำที่ใกล้เคียงกัน", "similar words"),
    "characters": ("ตัวสะกดที่ตรงกัน", "spelling in common"),
    "answer_type": ("มีสิ่งที่คำถามถามหา", "holds the kind of thing asked for"),
    "answer_detail": ("มีสิ่งที่ถามหาตรงตามที่ถาม", "holds what is asked for to the point"),
    "cross_encoder": ("คะแนนจากแบบจำลองจัดอันดับ", "score of the cross-encoder"),
}


def explained(
    question: Question,
    hits: Sequence[Hit],
    stored: Mapping[int, StoredChunk],
    channels: Mapping[int, Mapping[str, float]],
    contributions: Sequence[Mapping[str, float]],
    segmenter: Segmenter,
) -> list[Hit]:
    """The hits, best first, each with its explanation.

    Args:
        stored: the passage of each hit, by chunk id.
        channels: what each channel gave it, by chunk id.
        contributions: what each score is made of, one for each hit.
    """
    return [
        replace(
            hit,
            explanation=_explanation(question, stored[hit.chunk_id], channels[hit.chunk_id], share, below, segmenter),
        )
        for hit, share, below in zip(hits, contributions, [*contributions[1:], None], strict=True)
    ]


def _explanation(
    question: Question,
    stored: StoredChunk,
    channels: Mapping[str, float],
    share: Mapping[str, float],
    below: Mapping[str, float] | None,
    segmenter: Segmenter,
) -> Explanation:
    ahead = {} if below is None else _largest_first({name: share[name] - below.get(name, 0.0) for name in share})
    return Explanation(
        matched_words(question, stored, segmenter),
        dict(channels),
        _largest_first(share),
        ahead,
        _reason(share, None if below is None else ahead, question.latin_only),
    )


def fused_contributions(
    words: Mapping[int, float], dense: Mapping[int, float], weights: Sequence[float]
) -> dict[int, dict[str, float]]:
    """What each channel adds to the fused score of each candidate (:func:`qa.fusion.weighted`)."""
    parts = {"words": minmax(words), "dense": minmax(dense)}
    return {
        chunk_id: {
            name: weight * scores.get(chunk_id, 0.0)
            for (name, scores), weight in zip(parts.items(), weights, strict=True)
        }
        for chunk_id in {**words, **dense}
    }


def mean_of(tables: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each feature's contributions."""
    return {name: sum(table[name] for table in tables) / len(tables) for name in tables[0]}


def matched_words(question: Question, stored: StoredChunk, segmenter: Segmenter) -> tuple[MatchedWord, ...]:
    """The question's expressions that ``stored`` meets, each in the form nearest to the question's own."""
    chunk = stored.chunk
    words = segmenter.tokens(chunk.text)
    held = set(stored.tokens.tolist())
    plain = folded(question.text)
    asked = segmenter.tokens(plain)
    found: dict[tuple[int, ...], MatchedWord] = {}
    position = 0
    for unit in question.units:  # they cover the question's words in order
        span = asked[position : position + len(unit.tokens)]
        position += len(unit.tokens)
        said = plain[span[0].place.start : span[-1].place.end] if span else ""
        for form in (unit.tokens, *unit.alternatives):
            places = [Place(chunk.start + p.start, chunk.start + p.end) for p in _places(form, words)]
            if places or held.issuperset(form):
                inside = [chunk.text[p.start - chunk.start : p.end - chunk.start] for p in places[:1]]
                met = inside[0] if inside else "".join(map(segmenter.text_of, form))
                found.setdefault(unit.tokens, MatchedWord(said, met, tuple(places), unit.weight))
                break
    return tuple(sorted(found.values(), key=lambda word: -word.weight))


def _places(form: Sequence[int], words: Sequence[Token]) -> list[Place]:
    """Where the words of ``form`` stand side by side; each by itself where they do nowhere, but all are there."""
    size = len(form)
    ids = [word.id for word in words]
    together = [i for i in range(len(ids) - size + 1) if ids[i : i + size] == list(form)]
    if together:
        return [Place(words[i].place.start, words[i + size - 1].place.end) for i in together]
    return [word.place for word in words if word.id in form] if set(form) <= set(ids) else []


def _largest_first(values: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(((name, value) for name, value in values.items() if value), key=lambda pair: -abs(pair[1])))


def _reason(contributions: Mapping[str, float], ahead: Mapping[str, float] | None, english: bool) -> str:
    """The differences that decide, as one line; what speaks most for the passage where there is no next one."""
    if ahead is None:
        most = max(contributions, key=lambda name: contributions[name], default="")
        said = _label(most, english)
        return f"the last one found; most of all: {said}" if english else f"ลำดับสุดท้ายที่พบ เด่นที่สุดคือ{said}"
    lead = sum(ahead.values())
    differ = [(name, value) for name, value in ahead.items() if abs(value) >= TELLS][:NAMED]
    if not differ:
        return "as good as the next" if english else "ใกล้เคียงกับลำดับถัดไป"
    said = ", ".join(f"{_label(name, english)} {value:+.2f}" for name, value in differ)
    return f"{lead:.2f} above the next: {said}" if english else f"สูงกว่าลำดับถัดไป {lead:.2f}: {said}"


def _label(name: str, english: bool) -> str:
    return LABELS.get(name, (name, name))[english]
