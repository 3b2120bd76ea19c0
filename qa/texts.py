"""What the chat says, in Thai and in English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["th", "en"]


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of the interface in one language; ``{...}`` marks are filled by the caller."""

    language: Language
    other_language: str
    title: str
    subtitle: str
    # the chat
    tab_chat: str
    ask_label: str
    ask_placeholder: str
    send: str
    new_chat: str
    chat_label: str
    welcome: str
    refusal: str
    related: str
    paragraph: str
    page: str
    searched: str
    sources: str
    yours: str
    failed: str
    broken: str
    problems: str
    good: str
    bad: str
    copy: str
    thanks: str
    note_label: str
    note_send: str
    save_markdown: str
    save_html: str
    # the source viewer
    source: str
    close: str
    previous: str
    next: str
    copy_link: str
    why: str
    matched: str
    met_as: str
    channels: str
    scores: str
    more_before: str
    more_after: str
    gone: str
    # the documents
    tab_documents: str
    documents: str
    document: str
    size: str
    passages: str
    date: str
    state: str
    readable: str
    unreadable: str
    characters: str
    upload: str
    upload_note: str
    upload_note_shared: str
    read_again: str
    was_read: str
    reading: str
    added: str
    own: str
    remove: str
    removed: str
    scope: str
    scope_all: str
    scope_shared: str
    scope_mine: str
    # the evaluation
    tab_evaluate: str
    question_set: str
    evaluate: str
    evaluate_note: str
    evaluating: str
    save_report: str
    save_rows: str
    save_feedback: str
    feedback_none: str


THAI = Texts(
    language="th",
    other_language="English",
    title="ถามเอกสาร",
    subtitle="ทุกคำตอบคัดมาจากเอกสาร พร้อมบอกตำแหน่ง · {documents} เอกสาร {passages} ข้อความ",
    tab_chat="ถาม",
    ask_label="คำถาม",
    ask_placeholder="พิมพ์คำถามแล้วกด Enter",
    send="ถาม",
    new_chat="เริ่มใหม่",
    chat_label="บทสนทนา",
    welcome="ถามเป็นภาษาไทยหรืออังกฤษก็ได้ คำตอบจะยกข้อความในเอกสารมาให้ดู",
    refusal="ไม่พบคำตอบในเอกสาร",
    related="อาจเกี่ยวข้อง",
    paragraph="ย่อหน้า {number}",
    page="หน้า {number}",
    searched="ค้นหาด้วยคำถาม: {question}",
    sources="ที่มา",
    yours="เอกสารของฉัน",
    failed="ตอบไม่ได้",
    broken="เกิดข้อผิดพลาดในโปรแกรม ดูรายละเอียดได้ที่หน้าจอที่เปิดโปรแกรมนี้ แล้วลองถามใหม่",
    problems="พบปัญหา {count} จุด",
    good="ตรง",
    bad="ไม่ตรง",
    copy="คัดลอกคำตอบ",
    thanks="บันทึกแล้ว ขอบคุณ",
    note_label="หมายเหตุถึงผู้ดูแล (ไม่บังคับ) แล้วกด Enter",
    note_send="ส่ง",
    save_markdown="บันทึก Markdown",
    save_html="บันทึก HTML",
    source="เอกสารต้นทาง",
    close="ปิด (Esc)",
    previous="ที่มาก่อนหน้า (Alt+↑)",
    next="ที่มาถัดไป (Alt+↓)",
    copy_link="คัดลอกลิงก์",
    why="ทำไมจึงได้ข้อความนี้",
    matched="คำที่ตรงกับคำถาม",
    met_as="ในเอกสารว่า",
    channels="ค้นพบจาก",
    scores="คะแนนรวม",
    more_before="ดูข้อความก่อนหน้า",
    more_after="ดูข้อความถัดไป",
    gone="ไม่มีเอกสารนี้แล้ว",
    tab_documents="เอกสาร",
    documents="เอกสารส่วนกลาง",
    document="เอกสาร",
    size="ขนาด",
    passages="ข้อความ",
    date="วันที่",
    state="สถานะ",
    readable="พร้อมตอบ",
    unreadable="อ่านไม่ได้",
    characters="{count} ตัวอักษร",
    upload="วางไฟล์ที่นี่ หรือคลิกเพื่อเลือก",
    upload_note="อ่านได้: {formats} · ไฟล์ละไม่เกิน {size} MB ไม่เกิน {most} เอกสาร · เห็นเฉพาะคุณ และลบทิ้งหลังปิดหน้านี้",
    upload_note_shared="อ่านได้: {formats} · ไฟล์ละไม่เกิน {size} MB · ทุกคนที่ใช้หน้านี้จะเห็น",
    read_again="อ่านโฟลเดอร์เอกสารใหม่",
    was_read="อ่านใหม่ {added} ลบ {removed} ไม่เปลี่ยน {unchanged}",
    reading="กำลังอ่าน {name}",
    added="เพิ่มแล้ว",
    own="เอกสารของฉัน",
    remove="ลบที่เลือก",
    removed="ลบแล้ว",
    scope="ถามจาก",
    scope_all="ทั้งหมด",
    scope_shared="ส่วนกลาง",
    scope_mine="ของฉัน",
    tab_evaluate="วัดผล",
    question_set="ชุดคำถาม (JSONL, SQuAD, CSV) ถ้าไม่เลือกจะใช้ชุดที่มากับโปรแกรม",
    evaluate="วัดผล",
    evaluate_note="ถามทุกข้อในชุดคำถาม แล้วเทียบกับคำตอบที่ให้ไว้",
    evaluating="กำลังถาม",
    save_report="บันทึกรายงาน",
    save_rows="บันทึกผลรายข้อ",
    save_feedback="ส่งออกคำติชมเป็นชุดคำถาม",
    feedback_none="ยังไม่มีคำติชม",
)

ENGLISH = Texts(
    language="en",
    other_language="ไทย",
    title="Ask your documents",
    subtitle="Every answer is quoted from the documents, with its place · documents: {documents}, passages: {passages}",
    tab_chat="Ask",
    ask_label="Question",
    ask_placeholder="Type a question and press Enter",
    send="Ask",
    new_chat="New chat",
    chat_label="Conversation",
    welcome="Ask in Thai or English; the answer shows the words of the document.",
    refusal="The documents do not answer this.",
    related="Perhaps related",
    paragraph="paragraph {number}",
    page="page {number}",
    searched="Searched for: {question}",
    sources="Sources",
    yours="your document",
    failed="No answer",
    broken="The program failed; the terminal that it was started in says more. Please ask again.",
    problems="{count} problems",
    good="Right",
    bad="Wrong",
    copy="Copy answer",
    thanks="Kept, thank you",
    note_label="A note for the keeper (optional), then press Enter",
    note_send="Send",
    save_markdown="Save as Markdown",
    save_html="Save as HTML",
    source="Source document",
    close="Close (Esc)",
    previous="Previous source (Alt+↑)",
    next="Next source (Alt+↓)",
    copy_link="Copy link",
    why="Why this passage",
    matched="Words of the question found here",
    met_as="here",
    channels="Found by",
    scores="Score",
    more_before="Show what comes before",
    more_after="Show what comes after",
    gone="This document is no longer here.",
    tab_documents="Documents",
    documents="Shared documents",
    document="Document",
    size="Size",
    passages="Passages",
    date="Date",
    state="State",
    readable="ready",
    unreadable="cannot be read",
    characters="{count} characters",
    upload="Drop files here, or click to choose",
    upload_note="Read: {formats} · at most {size} MB a file, {most} documents · seen by you alone, deleted after you close this page",
    upload_note_shared="Read: {formats} · at most {size} MB a file · seen by everybody who uses this page",
    read_again="Read the document folder again",
    was_read="{added} read, {removed} removed, {unchanged} unchanged",
    reading="Reading {name}",
    added="Added",
    own="Your documents",
    remove="Remove the chosen",
    removed="Removed",
    scope="Ask in",
    scope_all="all",
    scope_shared="shared",
    scope_mine="mine",
    tab_evaluate="Evaluate",
    question_set="Question set (JSONL, SQuAD, CSV); the one that ships if none is chosen",
    evaluate="Evaluate",
    evaluate_note="Asks every question of the set and compares with the answers given there.",
    evaluating="Asking",
    save_report="Save report",
    save_rows="Save rows",
    save_feedback="Export feedback as a question set",
    feedback_none="No feedback yet",
)


def texts_for(language: str) -> Texts:
    """The texts of a language by its code or a browser's tag ("en-GB"); Thai for what is not known."""
    return ENGLISH if language.lower().startswith("en") else THAI
