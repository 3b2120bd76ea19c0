"""Errors in the language of the interface: what went wrong with a question, an upload or a question set.

Errors are raised in English, with names and numbers in them. Those that a person can meet in the chat have a Thai
sentence here; any other is introduced in Thai and told as it was raised. The place of a file on the server is told
to nobody, only its name.
"""

from __future__ import annotations

import re

from index.records import DocumentError, QAError, StoreError, StoreLocked, UsageError
from qa.texts import Texts

# A path from the root, but for its last part: its folders are nobody's business in a browser.
_FOLDERS = re.compile(r"""(?<![\w/.~-])(?:/|[A-Za-z]:[\\/])(?:[^/\\:;,"'()<>]+[/\\])+""")

_RULES: tuple[tuple[str, str], ...] = (
    # questions
    (r"the question is empty; .*", "ยังไม่มีคำถาม พิมพ์สิ่งที่อยากรู้แล้วกด Enter"),
    (r"the question has ([\d,]+) characters; ask in at most ([\d,]+)", "คำถามยาว {0} ตัวอักษร ถามได้ไม่เกิน {1} ตัวอักษร"),
    (r"within '(.*?)': no document of that name or folder.*", "ไม่มีโฟลเดอร์หรือไฟล์ชื่อ {0} แล้ว เลือกที่ถามใหม่"),
    # uploads
    (r"more than ([\d,]+) documents; remove some.*", "เกิน {0} เอกสาร ลบบางเอกสารออกก่อน หรือวางไว้ในโฟลเดอร์เอกสาร"),
    (r"more than ([\d,]+) characters together; .*", "รวมกันเกิน {0} ตัวอักษร ลบบางเอกสารออกก่อน หรือวางไว้ในโฟลเดอร์เอกสาร"),
    (r"cannot be kept \((.*)\); .*", "เก็บไว้ไม่ได้ ({0}) ตรวจสิทธิ์และพื้นที่ว่างของโฟลเดอร์เอกสาร"),
    (r"(\S+|no suffix) is not read; known are (.*)", "ไม่รองรับไฟล์ชนิด {0} รองรับ {1}"),
    (r"cannot be read \((.*)\); check its permissions", "เปิดไฟล์ไม่ได้ ({0}) ตรวจสิทธิ์ของไฟล์"),
    (r"(\d+) MB is more than (\d+) MB; split the file", "ไฟล์ขนาด {0} MB เกิน {1} MB แบ่งไฟล์ก่อน"),
    (r"holds no text", "ไม่มีข้อความในไฟล์"),
    (r"holds more than ([\d,]+) (?:characters|documents); .*", "มีเนื้อหาเกิน {0} ตัวอักษรหรือรายการ แบ่งไฟล์ก่อน"),
    (r"has more than ([\d,]+) (?:paragraphs|cells); .*", "มีเนื้อหาเกิน {0} ย่อหน้าหรือช่อง แบ่งไฟล์ก่อน"),
    (r"holds no file that can be read.*", "ไม่มีไฟล์ข้างในที่อ่านได้"),
    (r"is not (?:a|an) (PDF|page|table|XLSX file) that can be read.*", "ไฟล์เสียหรือไม่ใช่ {0} จริง บันทึกใหม่แล้วลองอีกครั้ง"),
    (r"(?:is damaged|has no|its XML is damaged).*", "ไฟล์เสียหรือไม่ตรงกับนามสกุล บันทึกใหม่แล้วลองอีกครั้ง"),
    (r"\S+ is damaged \(.*\); .*", "ไฟล์เสียหรือไม่ตรงกับนามสกุล บันทึกใหม่แล้วลองอีกครั้ง"),
    (r"(?:\S+ )?is locked with a password; .*", "ไฟล์มีรหัสผ่าน บันทึกสำเนาที่ไม่มีรหัสผ่าน"),
    (r"has (\d+) pages that are pictures.*Tesseract reads none.*", "ทั้ง {0} หน้าเป็นภาพสแกนที่ OCR อ่านไม่ออก สแกนใหม่ให้ชัดขึ้น"),
    (r"has (\d+) pages that are pictures.*", "ทั้ง {0} หน้าเป็นภาพสแกน ไม่มีตัวอักษร ทำ OCR ก่อน"),
    (r"was not read within (\d+) s; .*", "อ่านไม่เสร็จใน {0} วินาที แบ่งไฟล์หรือบันทึกเป็นรูปแบบอื่น"),
    (r"(?:holds [\d,]+ files|(?:\S+ )?unpacks to [\d,]+ MB).*", "แตกไฟล์แล้วใหญ่เกินไป แบ่งไฟล์ก่อน"),
    (r"is not text \(.*\); .*", "ไม่ใช่ไฟล์ข้อความ บันทึกเป็น UTF-8"),
    (r'no line is an object with "text".*', 'ไม่มีบรรทัดใดเป็นออบเจกต์ที่มี "text"'),
    # question sets
    (r"the question set (?:is empty|holds no question).*", "ไม่มีคำถามในชุดคำถาม ใส่บรรทัดละหนึ่งคำถาม"),
    (r"neither UTF-8 nor Windows-874.*", "ไม่ใช่ UTF-8 หรือ Windows-874 บันทึกเป็น UTF-8"),
    (r"neither JSONL, SQuAD nor a table.*", "ไม่ใช่ JSONL, SQuAD หรือตารางที่มีคอลัมน์ question และ answer"),
    (r"not JSON: .*", "ไม่ใช่ JSON ที่ถูกต้อง"),
    (r"a JSON object is wanted, not (\w+)", "ต้องเป็นออบเจกต์ JSON ไม่ใช่ {0}"),
    (r'"(\w+)" must be text(?:, and not blank)?', '"{0}" ต้องเป็นข้อความและไม่ว่าง'),
    (r'"(\w+)" must be a list of texts, none blank', '"{0}" ต้องเป็นรายการข้อความ และไม่มีข้อความว่าง'),
    (r'"paragraphs" must be a list of numbers from 1', '"paragraphs" ต้องเป็นรายการเลขย่อหน้าตั้งแต่ 1'),
    (r'"paragraphs" without "source".*', 'มี "paragraphs" แต่ไม่มี "source" ระบุเอกสารด้วย'),
    (r'id "(.*)" is used before, at (.*)', 'id "{0}" ซ้ำกับ {1}'),
    (r'document "(.*?)" is not there(.*)', 'ไม่มีเอกสาร "{0}"'),
    (r"(\d+) cells where the heading has (\d+).*", "มี {0} ช่อง แต่หัวตารางมี {1} ช่อง"),
    (r'paragraph "(.*)" is not a number', 'เลขย่อหน้า "{0}" ไม่ใช่ตัวเลข'),
)  # fmt: skip
_THAI = tuple((re.compile(f"(?:(?P<head>.+?): )??{body}", re.DOTALL), thai) for body, thai in _RULES)

_INTRODUCED: tuple[tuple[type[QAError], str], ...] = (
    (DocumentError, "อ่านเอกสารไม่ได้"),
    (StoreLocked, "มีผู้อื่นกำลังปรับปรุงดัชนีอยู่ รอสักครู่แล้วลองใหม่"),
    (StoreError, "ใช้ดัชนีเอกสารไม่ได้ แจ้งผู้ดูแล"),
    (UsageError, "ทำตามที่ขอไม่ได้"),
    (QAError, "ทำไม่สำเร็จ"),
)
MOST_PROBLEMS = 10  # lines of a question set that are told


def said(error: QAError | str, texts: Texts) -> str:
    """One line for a person, in the language of ``texts``; no path of the server is in it.

    Args:
        error: as it was raised, or the message that was kept of it.
    """
    if problems := tuple(getattr(error, "problems", ())):
        lines = [_line(problem, texts) for problem in problems[:MOST_PROBLEMS]]
        more = len(problems) - len(lines)
        told = "; ".join([*lines, *([f"+ {more}"] if more else [])])
        return f"{texts.problems.format(count=len(problems))}: {told}"
    return _line(str(error), texts, _introduction(error))


def _line(message: str, texts: Texts, introduction: str = "") -> str:
    message = _FOLDERS.sub("", message)
    if texts.language == "en":
        return message
    for pattern, thai in _THAI:
        if found := pattern.fullmatch(message):
            told = thai.format(*found.groups()[1:])
            return f"{found['head']}: {told}" if found["head"] else told
    return f"{introduction} ({message})" if introduction else message


def _introduction(error: QAError | str) -> str:
    return next((thai for kind, thai in _INTRODUCED if isinstance(error, kind)), _INTRODUCED[-1][1])
