"""Sets of expressions that mean the same, Thai and English: the lexicon that ships, and a person's own aliases.

A line of a ``.tsv`` file is one meaning: Thai forms separated by ``|``, a tab, English forms separated by
``|``. Training reads the same files that search does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from index.thai import normalise

FOLDER = Path(__file__).parent / "training" / "lexicon"
ALIASES = "aliases.tsv"
MOST_SENSES = 6  # a form on more lines than this says nothing by itself
_SENTENCES = ("sentences", "paraphrases")  # files of whole sentences, for training alone


def meaning_files() -> list[Path]:
    """The files of the lexicon that hold words and phrases."""
    return sorted(path for path in FOLDER.glob("*.tsv") if not path.name.startswith(_SENTENCES))


def read_sets(path: Path) -> Iterator[tuple[str, ...]]:
    """The sets of one file, forms as they stand there."""
    for line in path.read_text(encoding="utf-8").splitlines():
        forms = tuple(form.strip() for form in line.replace("\t", "|").split("|") if form.strip())
        if len(forms) > 1:
            yield forms


def read_aliases(path: Path) -> tuple[list[tuple[str, ...]], str]:
    """A person's own words for things, and what is wrong with the file ("" where nothing is).

    Each line is an expression, a tab, what it stands for (more tabs, more forms). Empty lines and lines that begin
    with ``#`` are passed over; a line that is neither is left out and named.
    """
    sets: list[tuple[str, ...]] = []
    bad: list[str] = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        return [], f"{path.name}: cannot be read ({error}); save it as UTF-8 text"
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        forms = tuple(form.strip() for form in line.replace("|", "\t").split("\t") if form.strip())
        if len(forms) < 2:
            bad.append(str(number))
        else:
            sets.append(forms)
    problem = f"{path.name}: line {', '.join(bad)}: needs an expression, a tab, and what it stands for" if bad else ""
    return sets, problem


def folded(form: str) -> str:
    """A form as it is looked up: normalised, without spaces at the ends."""
    return " ".join(normalise(form).text.split())


class Lexicon:
    """Looks up the other forms of an expression."""

    def __init__(self, sets: Iterable[tuple[str, ...]]) -> None:
        self._sets = list(sets)
        self._of: dict[str, list[int]] = {}
        for number, forms in enumerate(self._sets):
            for form in forms:
                self._of.setdefault(form.lower(), []).append(number)
        self.longest = max((len(form) for form in self._of), default=0)

    def with_sets(self, sets: Iterable[tuple[str, ...]]) -> Lexicon:
        """A lexicon that knows these sets too (a folder's aliases)."""
        return Lexicon([*self._sets, *(tuple(folded(form) for form in forms) for forms in sets)])

    def alternatives(self, form: str) -> tuple[str, ...]:
        """The other forms of ``form`` (already folded), in the order of the files; empty where it is not known."""
        senses = self._of.get(form, [])
        if len(senses) > MOST_SENSES:
            return ()
        others = (other.lower() for number in senses for other in self._sets[number])
        return tuple(dict.fromkeys(other for other in others if other != form))

    def is_name(self, form: str) -> bool:
        """True where some line has ``form`` as the name of someone or something: all its English is capitalised."""
        for number in self._of.get(form, []):
            english = [other for other in self._sets[number] if other[0].isascii() and other[0].isalpha()]
            if english and all(other[0].isupper() for other in english):
                return True
        return False

    def __len__(self) -> int:
        return len(self._of)


@lru_cache(maxsize=1)
def bundled_lexicon() -> Lexicon:
    """The lexicon that ships with the package, read once."""
    return Lexicon(forms for path in meaning_files() for forms in read_sets(path))


class FolderLexicon:
    """The bundled lexicon with the aliases of one folder, read again when the file changes."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / ALIASES
        self._seen: tuple[int, int] | None = None
        self._lexicon: Lexicon | None = None
        self.problem = ""
        """What is wrong with the aliases, for the person; empty where nothing is."""

    def current(self) -> Lexicon:
        """The lexicon as the files stand now."""
        try:
            status = self._path.stat() if self._path else None
        except OSError:
            status = None
        state = (status.st_mtime_ns, status.st_size) if status else None
        if self._lexicon is None or state != self._seen:
            sets: list[tuple[str, ...]] = []
            self.problem = ""
            if self._path and state:
                sets, self.problem = read_aliases(self._path)
            self._lexicon = bundled_lexicon().with_sets(sets) if sets else bundled_lexicon()
            self._seen = state
        return self._lexicon
