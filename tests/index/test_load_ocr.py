"""Pages that are pictures: read by Tesseract where it is here with Thai, told where it is not."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from toy import ToyEncoder

from index.build import update
from index.documents import load
from index.loaders import ocr, pdf, sandbox
from index.loaders.pdf_layout import Line
from index.records import DocumentError
from index.segmenter import Segmenter
from index.store import Store

FORMATS = Path(__file__).parents[1] / "data" / "formats"
FONT = Path(__file__).parents[2] / "qa" / "fonts" / "sarabun-thai-400-normal.woff2"
RESOLUTION = 200  # dots per inch
TEXT = (
    "ห้องสมุดประชาชนเปิดให้บริการทุกวันอังคารถึงวันอาทิตย์",
    "สมาชิกยืมหนังสือได้ครั้งละห้าเล่มเป็นเวลาสิบสี่วัน",
    "หนังสือที่คืนช้ากว่ากำหนดเสียค่าปรับวันละสองบาทต่อเล่ม",
)
needs_tesseract = pytest.mark.skipif(
    not ocr.languages(), reason="the extra ocr and Tesseract with Thai (Debian: tesseract-ocr-tha) are not installed"
)


def picture(lines: tuple[str, ...]) -> Image.Image:
    """A page of A5 with a line of print for each text."""
    image = Image.new("L", (1165, 1654), 255)
    draw = ImageDraw.Draw(image)
    with FONT.open("rb") as handle:
        font = ImageFont.truetype(handle, 14 * RESOLUTION / 72)
        for number, text in enumerate(lines):
            draw.text((80, 120 + 80 * number), text, font=font, fill=0)
    return image


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of text as a picture, and an empty page after it."""
    path = tmp_path_factory.mktemp("scanned") / "a.pdf"
    picture(TEXT).save(path, save_all=True, append_images=[picture(())], resolution=RESOLUTION)
    return path


@pytest.fixture
def without_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No program is found, neither here nor in a new child process."""
    monkeypatch.setenv("PATH", str(tmp_path))
    _forget_tesseract()
    yield
    _forget_tesseract()


def _forget_tesseract() -> None:
    sandbox._stop()
    ocr.languages.cache_clear()


@needs_tesseract
def test_a_scanned_page_is_read_and_told(scanned: Path) -> None:
    document = load(scanned, "a.pdf")
    assert document.warnings == (f"หน้า 1: {pdf.FROM_PICTURE}", f"หน้า 2: {pdf.PICTURE_UNREAD}")
    assert document.pages == (0, len(document.text))
    read, wanted = document.text.replace("\n", ""), "".join(TEXT)
    assert SequenceMatcher(None, read, wanted, autojunk=False).ratio() > 0.97  # three letters of a hundred may be wrong
    assert read.count(" ") <= 2  # the text has none


@needs_tesseract
def test_what_is_no_text_is_told_as_before() -> None:
    """Private-use characters drawn as boxes, and a pattern."""
    document = load(FORMATS / "scan.pdf", "scan.pdf")
    assert document.warnings == (f"หน้า 2: {pdf.RUBBISH}", f"หน้า 3: {pdf.PICTURE_UNREAD}")


@needs_tesseract
def test_each_page_is_bounded_in_time(scanned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "PAGE_SECONDS", 0.01)
    (document,) = pdf.load_pdf(scanned.read_bytes(), "a.pdf")
    assert document.text == "" and document.warnings == (f"หน้า 1-2: {pdf.PICTURE_TOO_SLOW}",)
    monkeypatch.setattr(pdf, "SECONDS", 0.0)
    (document,) = pdf.load_pdf(scanned.read_bytes(), "a.pdf")
    assert document.warnings == (f"หน้า 1-2: {pdf.NOT_REACHED}",)


@needs_tesseract
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are listed by ps")
def test_tesseract_ends_with_the_child_that_runs_it(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    page = picture(TEXT * 6)
    page.save(path, save_all=True, append_images=[page] * 20, resolution=RESOLUTION)
    problems: list[DocumentError] = []

    def read() -> None:
        with pytest.raises(DocumentError) as caught:
            sandbox.load_apart(path, "long.pdf")
        problems.append(caught.value)

    thread = threading.Thread(target=read)
    thread.start()
    group = wait_for(lambda: sandbox._child.pid if sandbox._child and len(running(sandbox._child.pid)) > 1 else 0)
    assert sandbox._child is not None
    sandbox._kill(sandbox._child)
    thread.join(30)
    assert len(problems) == 1
    wait_for(lambda: not running(group))


def running(group: int) -> list[str]:
    """The programs of a process group that have not ended."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat=,comm="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [name for number, state, name in rows if int(number) == group and not state.startswith("Z")]


def wait_for(condition: Callable[[], int], seconds: float = 60.0) -> int:
    """What ``condition()`` gives once it is true."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until
        time.sleep(0.02)
    return found


@pytest.mark.usefixtures("without_tesseract")
def test_without_tesseract_the_page_is_told_as_a_picture(scanned: Path, tmp_path: Path) -> None:
    assert ocr.languages() == "" and os.environ["PATH"] == str(tmp_path)
    with pytest.raises(DocumentError, match=r"a\.pdf: has 2 pages that are pictures.*run OCR on it first"):
        load(scanned, "a.pdf")
    document = load(FORMATS / "scan.pdf", "scan.pdf")
    assert document.warnings == (f"หน้า 2: {pdf.RUBBISH}", f"หน้า 3: {pdf.PICTURE}")


@needs_tesseract
def test_scans_are_read_again_once_tesseract_is_here(
    scanned: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make_store: Callable[[str], Store],
    segmenter: Segmenter,
) -> None:
    folder, store = tmp_path / "docs", make_store("store")
    folder.mkdir()
    for name, path in (("a.pdf", scanned), ("b.pdf", FORMATS / "scan.pdf")):
        (folder / name).write_bytes(path.read_bytes())
    with monkeypatch.context() as missing:
        missing.setenv("PATH", str(tmp_path))
        _forget_tesseract()
        assert list(update(store, folder, ToyEncoder(), segmenter).problems) == ["a.pdf"]
        assert update(store, folder, ToyEncoder(), segmenter).unchanged == 2
    _forget_tesseract()
    report = update(store, folder, ToyEncoder(), segmenter)
    assert (report.added, report.problems) == (2, {})
    document = store.document("a.pdf")
    assert document is not None and len(document.text) > 20
    assert update(store, folder, ToyEncoder(), segmenter).unchanged == 2  # not again and again


def test_what_the_child_leaves_behind_goes_with_it(tmp_path: Path) -> None:
    sandbox._stop()
    load(FORMATS / "scan.pdf", "scan.pdf")
    assert sandbox._scratch is not None
    left = Path(sandbox._scratch.name)
    (left / "tess_input.png").write_bytes(b"x")
    sandbox._stop()
    assert not left.exists()


HOCR = """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><div>{}</div></body></html>"""


def hocr_line(top: int, letters: str, gaps: dict[int, int], size: float = 40.0, confidence: int = 95) -> str:
    """A line of letters 20 pixels wide, with a gap in pixels before some of them."""
    left, words = 100, []
    for number, letter in enumerate(letters):
        left += gaps.get(number, 2)
        words.append(
            f'<span class="ocrx_word" title="bbox {left} {top} {left + 20} 9; x_wconf {confidence}">{letter}</span>'
        )
        left += 20
    title = f"bbox 100 {top} {left} {top + 40}; baseline 0 -8; x_size {size}"
    return f'<span class="ocr_line" title="{title}">{"".join(words)}</span>'


def read(*lines: str) -> list[Line]:
    return ocr._regular(list(ocr._lines(HOCR.format("".join(lines)).encode(), 2.0, 400.0)))


def test_spaces_stand_in_wide_gaps_and_never_inside_thai_words() -> None:
    (line,) = read(hocr_line(100, "หนังสือใหม่2เล่ม", {3: 20, 7: 20, 11: 10, 12: 90}))
    assert line.text == "หนังสือ ใหม่ 2\tเล่ม"
    assert (line.left, line.baseline, line.size) == (50.0, 400 - 132 / 2, 20.0)


def test_specks_are_left_out_and_lines_made_regular() -> None:
    full = "กขคงจฉชซ"
    lines = read(
        hocr_line(100, full, {}), hocr_line(140, "ea", {}, size=12), hocr_line(163, full, {}, size=44),
        hocr_line(195, full, {}, confidence=30), hocr_line(223, full, {}, size=38),
    )  # fmt: skip
    assert [line.text for line in lines] == [full] * 3
    assert {line.size for line in lines} == {20.0}
    assert lines[0].baseline - lines[1].baseline == lines[1].baseline - lines[2].baseline
