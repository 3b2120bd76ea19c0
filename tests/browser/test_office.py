"""What an office does with the chat: one set of documents for all, folders, the keyboard, files to take away."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from steps import DOCUMENTS, PATIENCE, ask, choose, served, sideways, tab, visited

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

LEAVE = "ลาพักร้อนได้กี่วัน"
NOTICE = "ประกาศที่จอดรถอาคารบี\n\nที่จอดรถอาคารบีเปิดเวลา 05.45 น. และปิดเวลา 22.15 น. ค่าจอดชั่วโมงละ 35 บาท\n"
PARKING = "ค่าจอดรถอาคารบีชั่วโมงละกี่บาท"


@pytest.fixture
def visitor(browser: Any, office: tuple[str, Path]) -> Iterator[Any]:
    with visited(browser, office[0]) as page:
        yield page


def test_a_shared_upload_answers_everybody_until_it_is_removed(
    visitor: Any, browser: Any, office: tuple[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "ที่จอดรถ.txt").write_text(NOTICE, encoding="utf-8")
    tab(visitor, 1)
    assert "ทุกคน" in visitor.inner_text("#qa-upload-note")
    visitor.set_input_files("#qa-upload input[type=file]", tmp_path / "ที่จอดรถ.txt")
    visitor.wait_for_selector(".qa-outcomes li")
    assert "uploads/ที่จอดรถ.txt" in visitor.inner_text("#qa-documents")
    kept = office[1] / "uploads" / "ที่จอดรถ.txt"
    assert kept.read_text(encoding="utf-8") == NOTICE

    with visited(browser, office[0]) as other:
        reply = ask(other, PARKING)
        assert "35 บาท" in reply.locator(".qa-text").inner_text()
        assert "uploads/ที่จอดรถ.txt · ย่อหน้า 2" in reply.inner_text()
        tab(other, 1)
        other.locator("#qa-own label", has_text="ที่จอดรถ.txt").click()
        other.click("#qa-remove")
        other.locator("#qa-own label", has_text="ที่จอดรถ.txt").wait_for(state="detached")
    assert not kept.exists()
    tab(visitor, 0)
    assert "ที่จอดรถ.txt" not in ask(visitor, PARKING).inner_text()


def test_the_folder_is_read_again(visitor: Any, office: tuple[str, Path]) -> None:
    tab(visitor, 1)
    shutil.copy(DOCUMENTS / "water-outage-notice.txt", office[1])
    visitor.click("#qa-again")
    visitor.locator("#qa-upload-status", has_text="อ่านใหม่ 1").wait_for()
    assert "water-outage-notice.txt" in visitor.inner_text("#qa-documents")
    (office[1] / "water-outage-notice.txt").unlink()
    visitor.click("#qa-again")
    visitor.locator("#qa-upload-status", has_text="ลบ 1").wait_for()
    assert "water-outage-notice.txt" not in visitor.inner_text("#qa-documents")


def test_a_folder_is_asked_alone(visitor: Any) -> None:
    choose(visitor, "บุคคล/")
    reply = ask(visitor, LEAVE)
    assert "10 วันทำงาน" in reply.locator(".qa-text").inner_text()
    assert all(place.split()[1].startswith("บุคคล/") for place in reply.locator(".qa-place").all_inner_texts())
    choose(visitor, "พัสดุ/เครื่องใช้/")
    assert "บุคคล/" not in ask(visitor, LEAVE).inner_text()
    choose(visitor, "ทั้งหมด")
    assert "10 วันทำงาน" in ask(visitor, LEAVE).locator(".qa-text").inner_text()
    visitor.click("a[href='#cite-0-1'] >> nth=0")  # the passage found in the folder is told of as it was found there
    visitor.locator("#qa-side .qa-why summary").click()
    assert "ลาพักร้อน" in visitor.inner_text("#qa-side .qa-why")


def test_why_names_words_channels_and_what_the_score_is_made_of(visitor: Any) -> None:
    ask(visitor, LEAVE)
    visitor.click("a[href='#cite-0-1'] >> nth=0")
    visitor.locator("#qa-side .qa-why summary").click()
    why = visitor.inner_text("#qa-side .qa-why")
    for told in ("คำที่ตรงกับคำถาม: ลาพักร้อน", "ค้นพบจาก: คำที่ตรงกัน", "คะแนนรวม", "สูงกว่าลำดับถัดไป"):
        assert told in why
    assert visitor.locator("#qa-side .qa-why tr").count() >= 3


def test_errors_are_told_in_the_language_of_the_page(visitor: Any, tmp_path: Path) -> None:
    assert "ยังไม่มีคำถาม" in ask(visitor, "?!").inner_text()
    visitor.click("#qa-language")
    visitor.locator(".qa-error", has_text="the question is empty").wait_for()
    tab(visitor, 1)
    for name, told in (("เสีย.pdf", "is not a PDF"), ("เสีย.docx", "is damaged")):
        (tmp_path / name).write_bytes(b"%PDF-1.4 no")
        visitor.set_input_files("#qa-upload input[type=file]", tmp_path / name)
        visitor.locator(".qa-outcomes .qa-problem", has_text=told).wait_for()
    visitor.click("#qa-language")
    visitor.set_input_files("#qa-upload input[type=file]", tmp_path / "เสีย.pdf")
    visitor.locator(".qa-outcomes .qa-problem", has_text="ไฟล์เสีย").wait_for()
    tab(visitor, 2)
    (tmp_path / "ชุด.jsonl").write_text("{}", encoding="utf-8")
    visitor.set_input_files("#qa-questions input[type=file]", tmp_path / "ชุด.jsonl")
    visitor.wait_for_selector("#qa-questions :text('ชุด')")
    visitor.click("#qa-evaluate")
    visitor.locator("#qa-report .qa-problem", has_text='ชุด.jsonl:1: "question" ต้องเป็นข้อความ').wait_for()
    assert str(tmp_path) not in visitor.inner_text("#qa-report")


def focused(page: Any, test: str) -> bool:
    return bool(page.evaluate(f"((e) => {test})(document.activeElement)"))


def press_until(page: Any, key: str, test: str, most: int = 40) -> None:
    """Press a key until what has the focus passes ``test``."""
    for _ in range(most):
        if focused(page, test):
            return
        page.keyboard.press(key)
    raise AssertionError(
        f"{key} never led to {test}: {page.evaluate('document.activeElement.outerHTML.slice(0, 200)')}"
    )


def test_everything_is_done_with_the_keyboard_alone(visitor: Any) -> None:
    keys = visitor.keyboard
    visitor.wait_for_function("document.activeElement.closest('#qa-ask') !== null")  # where typing begins
    keys.type(LEAVE)
    keys.press("Enter")
    visitor.wait_for_selector(".qa-answer")
    press_until(visitor, "Shift+Tab", "e.getAttribute('href') === '#cite-0-1'")
    keys.press("Enter")
    visitor.wait_for_function("document.activeElement.id === 'qa-source-title'")
    press_until(visitor, "Tab", "e.matches('.qa-why summary')")
    keys.press("Enter")
    visitor.wait_for_selector(".qa-why table", state="visible")
    keys.press("Alt+ArrowDown")
    visitor.wait_for_function("document.querySelector('#qa-side .qa-count').innerText.startsWith('[2]')")
    keys.press("Escape")
    visitor.wait_for_selector("#qa-side", state="hidden")
    assert focused(visitor, "e.closest('#qa-chat') !== null")
    press_until(visitor, "Tab", "e.getAttribute('href') === '#good-0'")
    keys.press("Enter")
    visitor.wait_for_selector("#qa-note", state="visible")
    press_until(visitor, "Shift+Tab", "e.getAttribute('role') === 'tab' && e.innerText.trim() === 'เอกสาร'")
    keys.press("Enter")
    visitor.wait_for_selector("#qa-documents", state="visible")
    press_until(visitor, "Tab", "e.matches('#qa-documents [data-qa]')")
    keys.press("Enter")
    visitor.wait_for_selector("#qa-side .qa-target", state="visible")


def test_a_screen_reader_is_told_what_things_are(visitor: Any) -> None:
    ask(visitor, LEAVE)
    told = visitor.locator("#qa-chat").aria_snapshot()
    assert "- log" in told or visitor.locator("#qa-chat [aria-live]").count()  # new answers are read out
    assert 'link "[1] บุคคล/office-leave-rules.txt · ย่อหน้า 2"' in told
    for name in ("ตรง", "ไม่ตรง", "คัดลอกคำตอบ"):
        assert f'link "{name}"' in told
    assert "<" not in told.replace("<-", "")
    visitor.click("a[href='#cite-0-1'] >> nth=0")
    visitor.wait_for_selector("#qa-side .qa-target", state="visible")
    side = visitor.locator("#qa-side").aria_snapshot()
    assert 'region "เอกสารต้นทาง"' in side
    assert 'button "ที่มาถัดไป (Alt+↓)"' in side
    assert visitor.locator("html").get_attribute("lang") == "th"


def clipboard(page: Any, address: str, act: Callable[[], None]) -> str:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    act()
    page.wait_for_selector(".qa-done")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_an_answer_is_copied_with_its_citation(visitor: Any, office: tuple[str, Path]) -> None:
    ask(visitor, LEAVE)
    copied = clipboard(visitor, office[0], lambda: visitor.click("a[href='#copy-0']"))
    assert copied.splitlines() == ["10 วันทำงาน", "— [1] บุคคล/office-leave-rules.txt · ย่อหน้า 2"]


def test_a_copied_link_opens_the_place(visitor: Any, browser: Any, office: tuple[str, Path]) -> None:
    ask(visitor, LEAVE)
    visitor.click("a[href='#cite-0-1'] >> nth=0")
    button = visitor.locator("#qa-side .qa-button", has_text="คัดลอกลิงก์")
    link = clipboard(visitor, office[0], button.click)
    with visited(browser, link) as other:
        other.wait_for_selector("#qa-side .qa-target", state="visible")
        assert "office-leave-rules.txt" in other.inner_text("#qa-source-title")
        assert other.inner_text("#qa-side .qa-target .qa-number") == "2"


def test_a_saved_page_shows_quotes_and_runs_nothing(visitor: Any, browser: Any, tmp_path: Path) -> None:
    ask(visitor, LEAVE)
    ask(visitor, '<script>window.hacked=1</script><img src="http://192.0.2.1/" onerror="window.hacked=1"> ลากี่วัน')
    with visitor.expect_download() as download:
        visitor.locator("#qa-saves button").last.click()
    download.value.save_as(tmp_path / "saved.html")
    with browser.new_context() as context:
        asked: list[str] = []
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "saved.html").as_uri())
        assert "10 วันทำงาน" in page.locator("mark").all_inner_texts()
        assert "บุคคล/office-leave-rules.txt · ย่อหน้า 2" in page.inner_text("body")
        assert "<script>" in page.inner_text("body")
        assert page.evaluate("window.hacked") is None
    assert [url for url in asked if not url.startswith("file:")] == []


def test_a_measurement_is_taken_away_with_its_failures(visitor: Any, tmp_path: Path) -> None:
    source = "บุคคล/office-leave-rules.txt"
    lines = [
        {"id": "1", "question": LEAVE, "source": source, "paragraphs": [2], "answers": ["10 วันทำงาน"]},
        {"id": "2", "question": "พัดลมรับประกันกี่ปี", "answers": []},  # it is answered
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (tmp_path / "set.jsonl").write_text(text, encoding="utf-8")
    tab(visitor, 2)
    visitor.set_input_files("#qa-questions input[type=file]", tmp_path / "set.jsonl")
    visitor.wait_for_selector("#qa-questions :text('set')")
    visitor.click("#qa-evaluate")
    report = visitor.frame_locator("#qa-report iframe").locator("body")
    report.wait_for(timeout=2 * PATIENCE)
    assert "Failures: 1 of 2" in report.inner_text()
    assert "wrongly answered" in report.inner_text()
    assert report.locator("svg").count() > 0
    taken = {}
    for button in ("#qa-save-report", "#qa-save-rows"):
        with visitor.expect_download() as download:
            visitor.click(button)
        download.value.save_as(tmp_path / download.value.suggested_filename)
        taken[download.value.suggested_filename] = (tmp_path / download.value.suggested_filename).read_text("utf-8")
    assert [json.loads(row)["id"] for row in taken["rows.jsonl"].splitlines()] == ["1", "2"]
    assert "wrongly answered" in taken["report.html"]


def test_a_phone_shows_folders_and_why_without_sideways_scroll(browser: Any, office: tuple[str, Path]) -> None:
    phone = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
    with visited(browser, office[0], **phone) as page:
        page.wait_for_selector("#qa-scope", state="visible")
        ask(page, LEAVE)
        assert sideways(page) <= 0
        page.click("a[href='#cite-0-1'] >> nth=0")
        page.locator("#qa-side .qa-why summary").click()
        assert sideways(page) <= 0


def test_words_of_several_places_are_shown_and_copied_each_with_its_own(
    visitor: Any, office: tuple[str, Path], tmp_path: Path
) -> None:
    for number, name in ((1, "เอก"), (2, "โท"), (3, "ตรี")):
        text = f"คู่มือห้องประชุม{name}\n\nห้องประชุม{name}อยู่ชั้น {number + 4} จองล่วงหน้า {number * 3} วัน\n"
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    tab(visitor, 1)
    visitor.set_input_files("#qa-upload input[type=file]", sorted(tmp_path.glob("*.txt")))
    visitor.wait_for_selector(".qa-outcomes li:nth-child(3)")
    tab(visitor, 0)
    reply = ask(visitor, "ห้องประชุมแต่ละห้องอยู่ชั้นไหนบ้าง")
    words = reply.locator(".qa-text").all_inner_texts()
    assert len(words) > 1
    copied = clipboard(visitor, office[0], lambda: visitor.click("a[href='#copy-0']")).splitlines()
    assert [line[:5] for line in copied[1::2]] == [f"— [{n}]" for n in range(1, len(words) + 1)]


def test_a_name_and_a_password_let_in_and_nothing_leaves(
    browser: Any, office: tuple[str, Path], tmp_path: Path
) -> None:
    with served(office[1], tmp_path / "store", auth=[("สมชาย", "s3cret-word")]) as address:
        asked: list[str] = []
        page = browser.new_context(locale="th-TH").new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        for secret in ("wrong", "s3cret-word"):
            assert page.locator("#qa-ask").count() == 0
            page.locator("input").first.fill("สมชาย")
            page.locator("input[type=password]").fill(secret)
            page.keyboard.press("Enter")
            page.wait_for_timeout(500)
        assert "10 วันทำงาน" in ask(page, LEAVE).locator(".qa-text").inner_text()
        assert "s3cret-word" not in page.content()
        page.context.close()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
