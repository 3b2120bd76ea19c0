"""qa build, ask, eval and status on a collection in Milvus answer as they do on a folder of this machine."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest
from support import LINES

import qa
from index.encoder import load_encoder
from index.milvus_address import parse_address
from index.records import StoreError, UsageError
from qa.cli import main
from qa.cluster import address_named
from qa.doctor import examine_collection
from qa.shared import SharedFolder

QUESTION = "ผู้นำสองประเทศคุยกันเมื่อไร"


@pytest.fixture(scope="module")
def seeds(milvus: str) -> str:
    """A collection of the seeds."""
    address = f"{milvus}/seeds"
    assert main(["build", "--store", address]) == 0
    return address


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    return code, output.out, output.err


@pytest.mark.parametrize("question", [QUESTION, "Where will they meet?", "ราคาทองวันนี้เท่าไร"])
def test_answers_are_those_of_the_embedded_store(
    seeds: str, seeds_store: Path, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    ours = said(capsys, "ask", question, "--json", "--store", seeds)
    theirs = said(capsys, "ask", question, "--json", "--store", seeds_store)
    assert ours[0] == theirs[0] == 0
    mine, yours = json.loads(ours[1]), json.loads(theirs[1])
    assert (mine["text"], mine["abstained"]) == (yours["text"], yours["abstained"])
    assert [c["quote"] for c in mine["citations"]] == [c["quote"] for c in yours["citations"]]
    assert mine["confidence"] == pytest.approx(yours["confidence"], abs=1e-3)


def test_the_environment_names_it_too(seeds: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_STORE", seeds)
    bot = qa.open()
    assert bot.ask(QUESTION, history=["สี จิ้นผิง คุยกับใคร"]).citations
    assert bot.report is None  # asked as it stands
    assert address_named("my-docs/.qa") is None
    bot.store.close()


def test_status_and_eval(seeds: str, seeds_store: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = said(capsys, "status", "--store", seeds)
    assert code == 0 and "1 documents, 9 passages" in out and "xi-trump-phone-call.txt" in out
    questions = tmp_path / "questions.jsonl"
    lines = (Path(qa.__file__).parents[1] / "seeds" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions.write_text("\n".join(lines[:6]) + "\n", encoding="utf-8")
    reports = []
    for store in (seeds, str(seeds_store)):
        report = tmp_path / "report.json"
        assert said(capsys, "eval", questions, "--store", store, "--json", report)[0] == 0
        reports.append(json.loads(report.read_text(encoding="utf-8")))
    (ours, theirs) = reports
    assert (ours["documents"], ours["passages"], len(ours["per_question"])) == (1, 9, 6)
    for kind in ("retrieval", "answer", "per_question", "config"):
        assert ours[kind] == theirs[kind]


def test_a_chat_reads_its_folder_again_into_the_collection(milvus: str, folder: Path) -> None:
    bot = qa.open(folder, store=f"{milvus}/c{uuid4().hex}")
    assert bot.report is not None and bot.report.added == 5
    (folder / "6.txt").write_text("ปลาทองว่ายน้ำในตู้กระจก", encoding="utf-8")
    assert SharedFolder(bot, folder, uploads=False).read_again().added == 1
    bot.store._poll = 0  # type: ignore[attr-defined]
    assert bot.ask("ปลาทองว่ายอยู่ที่ไหน").citations[0].source == "6.txt"
    assert bot.document_count == len(LINES) + 1
    bot.store.close()


def test_filters_and_reasons(milvus: str, folder: Path) -> None:
    (folder / "hr").mkdir()
    (folder / "hr" / "7.txt").write_text("แมวดำนอนในห้องฝ่ายบุคคล", encoding="utf-8")
    bots = [qa.open(folder, store=place) for place in (f"{milvus}/f{uuid4().hex}", folder.parent / "store")]
    for only in (qa.Filter(within="hr"), qa.Filter(within=("1.txt", "3.txt")), None):
        ours, theirs = (bot.retrieve("แมวดำนอนที่ไหน", 3, filters=only, explain=True) for bot in bots)
        assert [hit.source for hit in ours] == [hit.source for hit in theirs]
        assert [hit.explanation.matched for hit in ours] == [hit.explanation.matched for hit in theirs]  # type: ignore[union-attr]
    for bot in bots:
        with pytest.raises(UsageError, match="did you mean"):
            bot.retrieve("แมว", filters=qa.Filter(within="hrr"))
        bot.store.close()


def test_the_doctor_looks_at_a_collection(seeds: str) -> None:
    (found,) = examine_collection(parse_address(seeds), load_encoder(None), "qa build")
    assert found.state == "ok" and "1 documents, 9 passages, Milvus milvus_lite" in found.said
    (found,) = examine_collection(parse_address(f"{seeds}_none"), load_encoder(None), "qa build")
    assert found.state == "fail" and "nothing here yet" in found.said


def test_parts_from_the_command_line(milvus: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = f"{milvus}/p{uuid4().hex}"
    code, out, _ = said(capsys, "build", "--docs", folder, "--store", address, "--part", "1/2")
    assert code == 0 and "1 more part(s) to be built before generation 1 is asked" in out
    code, _, err = said(capsys, "ask", QUESTION, "--store", address)
    assert code == 1 and err == f"qa: {address}: nothing here yet; qa build --store {address} --docs FOLDER makes it\n"
    code, out, _ = said(capsys, "build", "--docs", folder, "--store", address, "--part", "2/2")
    assert code == 0 and "5 documents, 5 passages" in out and "more part" not in out
    assert said(capsys, "ask", "แมวดำนอนที่ไหน", "--store", address)[0] == 0


def test_what_cannot_be_carried_out(
    milvus: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = said(capsys, "build", "--docs", folder, "--part", "1/2")
    assert (code, err) == (
        2,
        "qa: --part: only for a collection, --store milvus://host:19530/name, and not with --watch\n",
    )
    code, _, err = said(capsys, "build", "--docs", folder, "--store", f"{milvus}/x", "--part", "3/2")
    assert (code, err) == (2, "qa: --part: write 3/8 for the third of eight parts\n")
    code, _, err = said(capsys, "ask", QUESTION, "--store", "milvus://h")
    assert code == 2 and "write milvus://host:19530/name" in err
    (tmp_path / "empty").mkdir()
    code, _, err = said(capsys, "build", "--docs", tmp_path / "empty", "--store", f"{milvus}/e{uuid4().hex}")
    assert code == 2 and "no document that can be read" in err
    with pytest.raises(StoreError, match="nothing here yet"):
        qa.open(store=f"{milvus}/nothing")
