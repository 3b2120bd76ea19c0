"""What a person does in the chat, done in a browser."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from steps import ask, in_sight, sideways, tab

from qa.question_files import load_questions

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]

BACKWARDS = "บัญชี\u202efdp.txt"
QUESTION = "การประชุมสุดยอดผู้นำกลุ่มจี 20 จัดที่ประเทศอะไร"
LIBRARY = (
    "ระเบียบห้องสมุดประชาชนบ้านสวน\n",
    "ห้องสมุดประชาชนบ้านสวนเปิดให้บริการวันอังคารถึงวันอาทิตย์ เวลา 09.30 ถึง 18.00 น. หยุดทุกวันจันทร์\n",
    "สมาชิกยืมหนังสือได้ครั้งละ 7 เล่ม เป็นเวลา 21 วัน หากคืนช้าต้องเสียค่าปรับเล่มละ 5 บาทต่อวัน\n",
)
BOAT = (
    "ประกาศท่าเรือข้ามฟากวัดกลาง\n",
    "เรือข้ามฟากวัดกลางเก็บค่าโดยสารคนละ 6 บาท เด็กสูงไม่เกิน 90 เซนติเมตรไม่เสียค่าโดยสาร\n",
)


def test_an_answer_shows_its_quote_marked(page: Any) -> None:
    reply = ask(page, QUESTION)
    assert "อาร์เจนตินา" in reply.locator(".qa-text").inner_text()
    assert "อาร์เจนตินา" in reply.locator("blockquote").first.locator("mark").first.inner_text()
    assert "xi-trump-phone-call.txt · ย่อหน้า 2" in reply.inner_text()
    assert page.evaluate("document.fonts.check('700 16px Sarabun', 'ก')")


def test_a_citation_opens_its_source_at_the_place(page: Any) -> None:
    ask(page, QUESTION)
    page.click("a[href='#cite-0-2']")
    page.wait_for_selector("#qa-side .qa-target mark", state="visible")
    page.wait_for_function("document.querySelector('#qa-viewer').scrollTop > 0")
    assert "[2]" in page.inner_text("#qa-side .qa-count")
    assert page.inner_text("#qa-side .qa-target .qa-number") in ("2", "3")  # both leaders speak of the meeting
    assert in_sight(page, "#qa-side .qa-target mark", "#qa-viewer")


def test_citations_are_walked_and_closed_by_key(page: Any) -> None:
    ask(page, QUESTION)
    for pressed, count in (("Alt+ArrowDown", "[1]"), ("Alt+ArrowDown", "[2]"), ("Alt+ArrowUp", "[1]")):
        page.keyboard.press(pressed)
        page.wait_for_function(f"document.querySelector('#qa-side .qa-count')?.innerText.startsWith('{count}')")
    page.keyboard.press("Escape")
    page.wait_for_selector("#qa-side", state="hidden")


def test_a_follow_up_leans_on_the_question_before(page: Any) -> None:
    ask(page, "สี จิ้นผิง พูดคุยทางโทรศัพท์กับใคร")
    reply = ask(page, "แล้วคุยกันวันไหน")
    assert "ค้นหาด้วยคำถาม" in reply.inner_text()
    assert "โทรศัพท์" in reply.locator(".qa-note").first.inner_text()
    page.click("#qa-new")
    page.wait_for_selector(".qa-answer", state="detached")
    assert "ค้นหาด้วยคำถาม" not in ask(page, QUESTION).inner_text()


def test_what_the_documents_do_not_answer_is_refused(page: Any) -> None:
    shown = ask(page, "ราคาทองคำวันนี้บาทละเท่าไร").inner_text()
    assert shown.startswith("ไม่พบคำตอบในเอกสาร")
    assert "อาจเกี่ยวข้อง" in shown


def test_hostile_documents_and_questions_are_shown_as_text(page: Any, tmp_path: Path) -> None:
    reply = ask(page, 'ขนมครกของป้าสมศรีใช้กะทิสดกี่ถ้วย <img src=x onerror="window.hacked=1">')
    shown = reply.inner_text()
    assert "<script>window.hacked=1</script>" in shown
    assert "[คลิกที่นี่](http://192.0.2.1/) **ตัวหนา**" in shown
    assert "U+202E" in shown
    assert '<img src=x onerror="window.hacked=1">' in page.locator(".qa-question").last.inner_text()
    page.click("a[href='#cite-0-1']")
    page.wait_for_selector("#qa-side .qa-target", state="visible")
    assert "<img src=x onerror=window.hacked=1>.txt" in page.inner_text("#qa-source-title")
    tab(page, 1)
    page.wait_for_selector("#qa-documents", state="visible")
    assert "<img src=x onerror=window.hacked=1>.txt" in page.inner_text("#qa-documents")
    for name in ("<img src=y onerror=window.hacked=1>.txt", "<img src=y onerror=window.hacked=1>.exe", BACKWARDS):
        (tmp_path / name).write_text("บันทึกการประชุม <img src=y onerror=window.hacked=1>", encoding="utf-8")
    page.set_input_files("#qa-upload input[type=file]", list(tmp_path.iterdir()))
    page.wait_for_selector(".qa-outcomes li:nth-child(3)")
    assert "U+202Efdp.txt" in page.inner_text("#qa-documents")  # a name that would read "txt.pdf"
    assert "\u202e" not in page.inner_text("body")
    assert page.locator("a[href*='192.0.2.1']").count() == 0
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=y]").count() == 0
    assert page.locator("#qa-chat img[src=x], #qa-side img, #qa-documents img").count() == 0


def pdf(page: Any, path: Path, paragraphs: tuple[str, ...]) -> Path:
    """A Thai PDF, printed by the browser itself."""
    printer = page.context.browser.new_page()
    printer.set_content(
        "<meta charset=utf-8>" + "".join(f"<p style='font: 16px Loma'>{text}</p>" for text in paragraphs)
    )
    printer.pdf(path=path)
    printer.close()
    return path


def docx(path: Path, paragraphs: tuple[str, ...]) -> Path:
    """The smallest Word file that holds these paragraphs."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{text.strip()}</w:t></w:r></w:p>" for text in paragraphs)
    kinds = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{kinds}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
            f'package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{kinds}/relationships"><Relationship Id="r1" Type="{office}" '
            'Target="word/document.xml"/></Relationships>',
        )
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>')
    return path


def test_uploads_answer_until_they_are_removed(page: Any, browser: Any, address: str, tmp_path: Path) -> None:
    files = [pdf(page, tmp_path / "ห้องสมุดบ้านสวน.pdf", LIBRARY), docx(tmp_path / "ท่าเรือ.docx", BOAT)]
    broken = tmp_path / "เสีย.pdf"
    broken.write_bytes(b"%PDF-1.4 not really")
    tab(page, 1)
    page.set_input_files("#qa-upload input[type=file]", [*files, broken])
    page.wait_for_selector(".qa-outcomes li:nth-child(3)", timeout=60_000)
    assert page.inner_text(".qa-outcomes").count("✓") == 2
    assert "เสีย.pdf" in page.inner_text(".qa-outcomes .qa-problem")
    tab(page, 0)
    library, boat = "สมาชิกห้องสมุดยืมหนังสือได้ครั้งละกี่เล่ม", "เรือข้ามฟากวัดกลางเก็บค่าโดยสารคนละกี่บาท"
    reply = ask(page, library)
    assert "7 เล่ม" in reply.locator(".qa-text").inner_text()
    assert "ห้องสมุดบ้านสวน.pdf · หน้า 1" in reply.inner_text()
    assert "6 บาท" in ask(page, boat).locator(".qa-text").inner_text()
    assert "อาร์เจนตินา" in ask(page, QUESTION).locator(".qa-text").inner_text()  # the shared ones still answer

    other = browser.new_context(locale="th-TH").new_page()  # another visitor sees nothing of it
    other.goto(address)
    other.wait_for_selector(".qa-try", state="visible")
    assert "ห้องสมุดบ้านสวน.pdf" not in ask(other, library).inner_text()
    other.context.close()

    tab(page, 1)
    page.locator("#qa-own label", has_text="ห้องสมุดบ้านสวน.pdf").click()
    page.click("#qa-remove")
    page.locator("#qa-own label", has_text="ห้องสมุดบ้านสวน.pdf").wait_for(state="detached")
    tab(page, 0)
    assert "ห้องสมุดบ้านสวน.pdf" not in ask(page, library).inner_text()
    assert "6 บาท" in ask(page, boat).locator(".qa-text").inner_text()
    page.click("a[href='#cite-0-1']")  # the answer from before, whose document is gone
    page.wait_for_selector("#qa-side .qa-source", state="visible")
    assert "ไม่มีเอกสารนี้แล้ว" in page.inner_text("#qa-side")


def test_the_language_is_switched_and_kept(page: Any) -> None:
    ask(page, QUESTION)
    page.click("#qa-language")
    page.wait_for_function("document.documentElement.lang === 'en'")
    assert page.locator(".qa-title h1").inner_text() == "Ask your documents"
    assert page.get_by_role("tab").all_inner_texts() == ["Ask", "Documents", "Evaluate"]
    assert "paragraph 2" in page.locator(".qa-answer").inner_text()
    page.reload()
    page.wait_for_function("document.querySelector('.qa-title h1')?.innerText === 'Ask your documents'")


@pytest.mark.parametrize("page", [{"locale": "en-GB"}], indirect=True)
def test_the_language_follows_the_browser(page: Any) -> None:
    assert page.locator(".qa-title h1").inner_text() == "Ask your documents"


PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("page", [PHONE, {**PHONE, "color_scheme": "dark"}], indirect=True)
def test_a_phone_never_scrolls_sideways(page: Any) -> None:
    assert sideways(page) <= 0
    ask(page, QUESTION)
    assert sideways(page) <= 0
    page.click("a[href='#cite-0-1'] >> nth=0")
    page.wait_for_selector("#qa-side .qa-target", state="visible")
    assert sideways(page) <= 0
    page.locator("#qa-side .qa-bar .qa-button").last.click()
    for number in (1, 2):
        tab(page, number)
        assert sideways(page) <= 0


def test_a_shared_link_opens_the_document_at_the_paragraph(page: Any, address: str) -> None:
    page.goto(f"{address}/?doc=xi-trump-phone-call.txt&p=5")
    page.wait_for_selector("#qa-side .qa-target", state="visible")
    assert page.inner_text("#qa-side .qa-target .qa-number") == "5"
    page.wait_for_function("document.querySelector('#qa-viewer').scrollTop > 0")
    assert in_sight(page, "#qa-side .qa-target .qa-number", "#qa-viewer")


def test_feedback_is_kept_and_comes_out_as_a_question_set(page: Any, tmp_path: Path) -> None:
    ask(page, QUESTION)
    page.click("a[href='#good-0']")
    page.fill("#qa-note textarea", "ตรงตามเอกสาร")
    page.press("#qa-note textarea", "Enter")
    page.wait_for_selector("#qa-note", state="hidden")
    assert "qa-chosen" in page.get_attribute("a[href='#good-0']", "class")
    tab(page, 2)
    with page.expect_download() as download:
        page.click("#qa-feedback")
    saved = tmp_path / "feedback.jsonl"
    download.value.save_as(saved)
    record = json.loads(saved.read_text(encoding="utf-8").splitlines()[-1])
    assert record["note"] == "ตรงตามเอกสาร"
    question = load_questions(saved).questions[-1]
    assert (question.question, question.answerable) == (QUESTION, True)
    assert question.paragraphs in ((2,), (3,))  # both leaders speak of the meeting


def test_the_conversation_is_saved_with_its_citations(page: Any, tmp_path: Path) -> None:
    ask(page, QUESTION)
    with page.expect_download() as download:
        page.locator("#qa-saves button").first.click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    text = saved.read_text(encoding="utf-8")
    assert QUESTION in text
    assert "ย่อหน้า 2" in text and "ย่อหน้า 3" in text


def test_a_suggested_question_is_asked_and_answered(page: Any) -> None:
    offered = page.locator(".qa-try").first.inner_text()
    page.locator(".qa-try").first.click()
    page.wait_for_selector(".qa-answer")
    assert page.locator(".qa-question").inner_text() == offered
    assert "qa-refusal" not in page.get_attribute(".qa-answer", "class")
    assert offered not in page.locator(".qa-try").all_inner_texts()


def test_everything_has_a_name_and_can_be_reached_by_key(page: Any) -> None:
    ask(page, QUESTION)
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a, input, textarea, select, iframe')]
        .filter((e) => e.checkVisibility() && !(e.innerText?.trim() || e.ariaLabel || e.title || e.labels?.length))
        .map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    page.focus("a[href='#cite-0-1'] >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector("#qa-side .qa-target", state="visible")
    page.keyboard.press("Escape")
    page.wait_for_function("document.activeElement?.getAttribute('href') === '#cite-0-1'")


def test_a_question_set_is_measured(page: Any, tmp_path: Path) -> None:
    line = {
        "id": "1",
        "question": QUESTION,
        "source": "xi-trump-phone-call.txt",
        "paragraphs": [2],
        "answers": ["อาร์เจนตินา"],
    }
    (tmp_path / "set.jsonl").write_text(json.dumps(line, ensure_ascii=False), encoding="utf-8")
    (tmp_path / "bad.jsonl").write_text("{}", encoding="utf-8")
    tab(page, 2)
    page.set_input_files("#qa-questions input[type=file]", tmp_path / "set.jsonl")
    page.wait_for_selector("#qa-questions :text('set')")
    page.click("#qa-evaluate")
    page.wait_for_selector("#qa-report iframe", timeout=60_000)
    assert "set.jsonl" in page.frame_locator("#qa-report iframe").locator("body").inner_text()
