"""What people thought of the answers, kept in SQLite beside the index; exported as a question set."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from index.records import StoreError
from qa.answer import Answer

FILE = "feedback.sqlite"
LONGEST_NOTE = 2_000  # characters
_SCHEMA = """CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, good INTEGER NOT NULL, note TEXT NOT NULL DEFAULT '',
    question TEXT NOT NULL, history TEXT NOT NULL, answer TEXT NOT NULL)"""


class Feedback:
    """The feedback file of one store folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=30)) as connection, connection:
                connection.execute(_SCHEMA)
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: feedback cannot be kept ({error}); check free space and access") from error

    def add(self, answer: Answer, good: bool, history: tuple[str, ...] = ()) -> int:
        """Keep a verdict; its number."""
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        told = json.dumps(answer.as_dict(), ensure_ascii=False)
        with self._connected() as connection:
            made = connection.execute(
                "INSERT INTO feedback (time, good, question, history, answer) VALUES (?, ?, ?, ?, ?)",
                (now, int(good), answer.question, json.dumps(history, ensure_ascii=False), told),
            )
            return int(made.lastrowid or 0)

    def change(self, number: int, good: bool) -> None:
        """Change a verdict that was kept; its note stays."""
        with self._connected() as connection:
            connection.execute("UPDATE feedback SET good = ? WHERE id = ?", (int(good), number))

    def annotate(self, number: int, note: str) -> None:
        """Keep a note with a verdict."""
        with self._connected() as connection:
            connection.execute("UPDATE feedback SET note = ? WHERE id = ?", (note.strip()[:LONGEST_NOTE], number))

    def records(self) -> list[dict[str, Any]]:
        """The feedback as records of a question set, oldest first.

        A good answer is one to keep giving, a good refusal a question that the documents do not answer. A bad
        one says nothing of the right answer: it is exported as a draft for a person to complete.
        """
        if not self.path.exists():
            return []
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT id, time, good, note, question, history, answer FROM feedback ORDER BY id"
            ).fetchall()
        return [_record(*row) for row in rows]

    def export(self) -> str:
        """:meth:`records` as JSONL, the form that ``qa eval`` reads."""
        return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in self.records())


def _record(number: int, time: str, good: int, note: str, question: str, history: str, answer: str) -> dict[str, Any]:
    told = json.loads(answer)
    record: dict[str, Any] = {"id": f"feedback-{number}", "question": question}
    if earlier := json.loads(history):
        record["history"] = earlier
    if good and told["citations"]:
        first = told["citations"][0]
        record |= {
            "source": first["source"],
            "paragraphs": [first["paragraph"]],
            "answers": told.get("parts") or [told["text"]],
        }
    elif good:
        record["answers"] = []
    else:
        record["draft"] = True
    record["type"] = "liked" if good else "disliked"
    if note:
        record["note"] = note
    return record | {"time": time}
