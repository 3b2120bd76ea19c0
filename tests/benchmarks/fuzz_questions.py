"""Hostile questions: each gives an answer whose citations stand in the documents, or says in a sentence why not.

Random letters of many scripts, marks without letters, bidi and null characters, halves of surrogate pairs, long runs,
questions of the seeds cut, doubled, reversed, spliced, with digits and spaces changed; some with a history and filters.

    python tests/benchmarks/fuzz_questions.py [--inputs 20000] [--seed 0]

Prints a line of JSON: inputs, answered, refused, errors, slowest question in seconds, most memory in MB.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fuzz_loaders import memory

import qa
from index.records import QAError

SLOWEST = 5.0  # seconds that no question may take
THAI = "".join(map(chr, range(0x0E01, 0x0E5C)))
ODD = "\0\u200b\u202e\u2066\ufeff\ufffe\u0301\U0001f600\U000e0001\ud800ﬁ㍿İß\r\n\t\x1b%_*\"'\\[](){}<>|&;:$#^~`"
SCRIPTS = (THAI, ODD, "abcxyzQUÉñ 0123456789", "中文字日本語한국어", "อ่้๊๋์ํัิีึืฺุู็", "๐๑๒๓๔๕๖๗๘๙/.-:,")


def noise(chance: random.Random) -> str:
    """Letters of one script or several; now and then a very long run."""
    letters = "".join(chance.sample(SCRIPTS, chance.randrange(1, 4)))
    length = chance.choice((0, 1, 2, 8, 40, 200, 1000)) if chance.random() < 0.99 else 60_000
    if chance.random() < 0.1:
        return chance.choice(letters) * length
    return "".join(chance.choices(letters, k=length))


def twisted(asked: list[str], chance: random.Random) -> str:
    """A question of the set, changed a few times."""
    text = chance.choice(asked)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at, other = chance.randrange(len(text) + 1), chance.randrange(len(text) + 1)
        text = chance.choice(
            (
                text[:at],
                text[at:] + text[:at],
                text[::-1],
                text + " " + chance.choice(asked),
                text[:at] + noise(chance)[:20] + text[at:],
                text[: min(at, other)] + text[max(at, other) :],
                " ".join(text),
                text.upper().replace(" ", ""),
                text * 3,
            )
        )
    return text


def main() -> int:
    """1 where a question broke the rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance, counts, slowest = random.Random(options.seed), Counter[str](), (0.0, "")
    bot = qa.open()
    lines = (Path(__file__).parents[2] / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines]
    for number in range(options.inputs):
        question = noise(chance) if chance.random() < 0.5 else twisted(asked, chance)
        history = [
            chance.choice((twisted(asked, chance), noise(chance))) for _ in range(chance.choice((0, 0, 0, 1, 3)))
        ]
        within = (noise(chance)[:30],) if chance.random() < 0.05 else ()
        began = time.monotonic()
        try:
            filters = qa.Filter(within=within) if within else None
            answer = bot.ask(question, history=history, filters=filters)
            for citation in answer.citations:
                document = bot.store.document(citation.source)
                assert document is not None and document.text[citation.start : citation.end] == citation.quote
            counts["refused" if answer.abstained else "answered"] += 1
        except QAError as error:
            assert str(error) and "\n" not in str(error), error
            counts["errors"] += 1
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            print(json.dumps({"number": number, "question": question, "history": history, "error": said}))
            return 1
        slowest = max(slowest, (time.monotonic() - began, question[:200]))
    figures = {"inputs": options.inputs, "seed": options.seed, "slowest s": round(slowest[0], 2), **memory(), **counts}
    print(json.dumps(figures, ensure_ascii=False))
    if slowest[0] > SLOWEST:
        print(json.dumps({"slowest": slowest[1]}))
    return int(slowest[0] > SLOWEST)


if __name__ == "__main__":
    raise SystemExit(main())
