"""Words that ask or are only manners: no document need hold them to answer the question."""

from __future__ import annotations

import re

_WHICH = r"(?:อะไร|ไร|ใด|ไหน|ใคร|ผู้ใด|เท่า(?:ไร|ไหร่|ใด|ไหน)|กี่|เมื่อ(?:ไร|ไหร่|ใด)|อย่างไร|ยังไง|ไง|ทำไม|แค่ไหน|เพียงใด|เหตุใด)"
# What may stand before it and says nothing by itself, or is looked for by what was asked for (qa.answer_details).
_BEFORE = (
    r"(?:(?:คือ|เป็น|ได้แก่|กล่าว|พูด|บอก|ว่า|(?:มี)?ชื่อ|ที่|จาก|โดย|ด้วย|จะ|ใน|เพื่อ|เกี่ยวกับ|เพราะ|อยู่|ตอน|ช่วง|เวลา|วัน(?:ที่)?|เดือน|ปี"
    r"|ประเทศ|จังหวัด|เมือง|คน|อัน|แบบ|อย่าง|เรื่อง|สิ่ง){1,3})?"
)
_MANNERS = (
    r"ครับ|ค่ะ|คะ|ฮะ|นะ(?:คะ|ครับ|ฮะ)?|น่ะ|อ่ะ|อะ|ง่ะ|หรอ|เหรอ|รึ|หรือ(?:ไม่|เปล่า|ยัง)?|ไหม|มั้ย|มะ|ปะ|ป่ะ|จ๊ะ|จ้ะ|วะ|ว่ะ|ล่ะ|ละ|น้า|หน่อย|เอ่ย"
    r"|ช่วยบอก|บอกหน่อย|อยาก(?:รู้|ทราบ)|ขอ(?:ถาม|ทราบ)|ตอบ|คำตอบ|please|tell|me"
)
_ASKS = re.compile(
    rf"(?:{_BEFORE}{_WHICH}(?:กัน)?(?:บ้าง)?|บ้าง|คือ(?:ใคร|อะไร)?|(?:มี)?ชื่อ(?:ว่า)?|กล่าวว่า|ว่า|เพราะ|{_MANNERS}"
    r"|what|which|who|whom|whose|when|where|why|how|much|many|did|does|do|is|are|was|were|be|will|has|have|had)",
    re.IGNORECASE,
)


def asks(expression: str) -> bool:
    """True for an expression of a question that asks ("ประเทศอะไร", "when") or is polite ("ครับ"), and says nothing."""
    return _ASKS.fullmatch(expression.strip()) is not None
