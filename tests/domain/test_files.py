"""The upload store: what it takes in, what it refuses, who gets a file back, and that rows decide (decision D44)."""

import gc
import hashlib
import os
import random
import re
import stat
import zipfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bmms.domain.actors import Actor
from bmms.domain.errors import NotFound, RuleBroken
from bmms.domain.files import images, kinds, recognition, rights, store
from bmms.domain.files.demo import STAMP, demo_paper
from bmms.domain.files.names import fitting, readable
from bmms.domain.installation import Installation
from bmms.models.audit import AuditEvent
from bmms.models.organizations import StoredFile
from bmms.tenancy import ScopeError, bind_scope
from tests import uploads

PURPOSE = "tests"
readers: set[int] = set()  # whom the rule of the tests lets read
rights.readable_when(PURPOSE, lambda session, actor, file: actor.user_id in readers)


@pytest.fixture
def installation(config, tmp_path: Path) -> Installation:
    """An installation with a store of its own."""
    readers.clear()
    return Installation(replace(config, instance=tmp_path / "instance"))


@pytest.fixture
def health(engine, cast, installation: Installation):
    """A session that serves the Ministry of Health."""
    with Session(engine, info={"installation": installation}) as session:
        bind_scope(session, cast.moh.id)
        yield session


@pytest.fixture
def amina(cast) -> Actor:
    """Somebody of Health."""
    return Actor(cast.amina.id, "Amina Salik", cast.moh.id)


def keep(session: Session, actor: Actor, content: bytes, name: str = "memo", **options) -> StoredFile:
    """Take in what the tests made."""
    return store.keep(session, actor, BytesIO(content), name, PURPOSE, **{"allowed": kinds.EVERY, **options})


def contents(session: Session, installation: Installation) -> list[Path]:
    """Everything that lies in the store of the session's organization."""
    folder = installation.config.instance / "files" / str(session.info["scope"].organization_id)
    return sorted(folder.iterdir()) if folder.exists() else []


GOOD = {
    "PDF": uploads.PDF,
    "DOCX": uploads.docx(),
    "XLSX": uploads.xlsx(),
    "JPG": uploads.picture("JPEG"),
    "PNG": uploads.picture("PNG", mode="RGBA"),
}


@pytest.mark.parametrize("label", GOOD)
def test_a_file_is_known_by_its_content_whatever_it_is_called(health, amina, installation, label):
    kept = keep(health, amina, GOOD[label], "letter.exe")
    kind = next(kind for kind in kinds.EVERY if kind.label == label)
    assert kept.media_type == kind.media_type
    assert kept.name == f"letter.exe{kind.endings[0]}"
    assert kinds.label_of(kept.media_type) == label
    readers.add(amina.user_id)
    file, content = store.open_file(health, amina, kept.id)
    with content:
        assert file is kept
        assert len(content.read()) == kept.size


def test_documents_come_back_byte_for_byte_with_their_checksum(health, amina):
    readers.add(amina.user_id)
    kept = keep(health, amina, GOOD["XLSX"], "Budget 2026.xlsx")
    file, content = store.open_file(health, amina, kept.id)
    with content:
        assert content.read() == GOOD["XLSX"]
    assert file.sha256 == hashlib.sha256(GOOD["XLSX"]).hexdigest()
    recorded = health.scalars(select(AuditEvent).where(AuditEvent.action == "stored_files:upload")).one()
    assert recorded.subject_label == "Budget 2026.xlsx"
    assert recorded.changes["sha256"] == [None, file.sha256]


def test_contents_lie_under_a_random_name_for_our_eyes_only(health, amina, cast, installation):
    kept = keep(health, amina, uploads.PDF, "../../../etc/passwd.pdf")
    (path,) = contents(health, installation)
    assert kept.name == "passwd.pdf"
    assert re.fullmatch(r"[0-9a-f]{32}", path.name)
    assert path.name == kept.storage_key
    assert path.parent.name == str(cast.moh.id)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


BAD = {
    "a program": (b"MZ\x90\0" + bytes(200), "memo is a program"),
    "a script": (b"#!/bin/sh\nrm -rf /\n", "memo is a program"),
    "HTML": (b"<!DOCTYPE html><script>alert(1)</script>", "memo is a web page or a drawing"),
    "HTML after blanks": (b"\xef\xbb\xbf \r\n\t<html>", "memo is a web page or a drawing"),
    "SVG": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', "web page or a drawing"),
    "GIF": (b"GIF89a" + bytes(20), "Save it as JPG or PNG"),
    "a phone's HEIC": (b"\0\0\0\x18ftypheic" + bytes(20), "Save it as JPG or PNG"),
    "plain text": (b"Dear all, please find", "is of a kind that BMMS does not know. Choose a file of the kind PDF"),
    "nothing": (b"", "memo is empty"),
    "old Word": (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), "old format"),
    "locked Word": (uploads.locked_office(), "protected by a password"),
    "locked PDF": (uploads.LOCKED_PDF, "protected by a password. Save it without protection"),
    "half a PDF": (uploads.PDF[:40], "damaged or cut off"),
    "HTML before a PDF": (b"<html>" + uploads.PDF, "web page"),
    "a program before a Word file": (b"MZ\x90\0" + uploads.docx(), "is a program"),
    "half a Word file": (uploads.docx()[:-30], "is damaged"),
    "a Word file with something behind": (uploads.docx() + b"<script>", "is damaged"),
    "two archives in one": (uploads.archive({"a.html": "<script>"}) + uploads.docx(), "is damaged"),
    "RAR": (b"Rar!\x1a\x07\x01\0", "is an archive"),
    "a plain archive": (uploads.archive({"a.exe": b"MZ"}), "is an archive"),
    "an empty archive": (uploads.archive({}), "is an archive"),
    "OpenDocument": (uploads.archive({"mimetype": "application/vnd.oasis.opendocument.text"}), "OpenDocument"),
    "macros declared": (uploads.docx(uploads.WORD_MACROS), "holds macros"),
    "macros undeclared": (uploads.docx(word__vbaProject="x"), "holds macros"),
    "controls": (uploads.docx(word__activeX__activeX1="x"), "holds macros or controls"),
    "a Word template": (uploads.docx(uploads.WORD_MAIN.replace("document.main", "template.main")),
                        "neither a Word document nor an Excel workbook"),
    "half a picture": (uploads.picture("PNG", (300, 300))[:200], "is damaged"),
    "a picture in name only": (b"\xff\xd8\xff\xe0" + b"<script>" * 30, "is damaged"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_everything_else_is_refused_by_name_with_a_remedy(health, amina, installation, what):
    content, said = BAD[what]
    with pytest.raises(RuleBroken, match=re.escape(said)) as refused:
        keep(health, amina, content)
    assert refused.value.field == "file"
    assert str(refused.value).count(". ") == 1, "what is wrong, then what to do"
    assert contents(health, installation) == []
    assert health.scalar(select(StoredFile)) is None


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damage_of_any_kind_is_refused_or_harmless():
    """Some 400 files with random damage: taken or refused, and nothing else comes out of it."""
    draw, answers = random.Random(20261122), set()
    for _ in range(400):
        content = bytearray(draw.choice([GOOD["DOCX"], GOOD["XLSX"], GOOD["PNG"], uploads.photo_with_place(6)]))
        for _ in range(draw.choice([1, 3, 10])):
            place = draw.randrange(4, len(content))
            content[place : place + draw.randrange(9)] = draw.randbytes(draw.randrange(9))
        try:
            kind = recognition.kind_of(bytes(content))
            answers.add(bool(not kind.is_image or images.redraw(bytes(content), kind)))
        except kinds.Refused:
            answers.add(False)
    assert answers == {True, False}


def test_locked_entries_of_an_archive_are_refused():
    content = bytearray(uploads.docx())
    content[content.index(b"PK\x01\x02") + 8] |= 1  # the flag of encryption, in the list of entries
    with pytest.raises(kinds.Refused, match="protected by a password"):
        recognition.kind_of(bytes(content))


def test_a_document_of_entities_is_refused():
    bomb = '<?xml version="1.0"?><!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Types>&b;</Types>'
    with pytest.raises(kinds.Refused, match="damaged"):
        recognition.kind_of(uploads.archive({"[Content_Types].xml": bomb, "word/document.xml": "<x/>"}))


def test_ten_megabytes_are_taken_and_a_byte_more_is_not(health, amina):
    padded = uploads.PDF[:9] + b"%" + b" " * (store.MOST_BYTES - len(uploads.PDF) - 2) + b"\n" + uploads.PDF[9:]
    assert len(padded) == store.MOST_BYTES
    assert keep(health, amina, padded).size == store.MOST_BYTES
    with pytest.raises(RuleBroken, match="memo is larger than 10 MB. Make it smaller"):
        keep(health, amina, padded[:9] + b"%" + padded[9:])
    with pytest.raises(RuleBroken, match="larger than 500 KB"):
        keep(health, amina, padded, at_most=500 * 1024)


@pytest.mark.parametrize(
    "bomb",
    [
        uploads.docx(word__big="\0" * (51 * 1024 * 1024)),
        uploads.docx(**{f"word__p{number}": "" for number in range(2_000)}),
    ],
    ids=["51 MB in one entry", "2,002 entries"],
)
def test_bombs_are_refused_before_anything_is_unpacked(bomb, monkeypatch):
    assert len(bomb) < store.MOST_BYTES
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(kinds.Refused, match="too large inside"):
        recognition.kind_of(bomb)


def test_an_archive_that_lies_about_its_size_gives_no_more_than_it_declares():
    lie = uploads.bomb_that_lies()
    with zipfile.ZipFile(BytesIO(lie)) as archive:
        assert sum(entry.file_size for entry in archive.infolist()) < 10_000, "the lie is in place"
    with pytest.raises(kinds.Refused, match="is damaged"):
        recognition.kind_of(lie)


def test_a_list_of_entries_that_lies_about_their_number_is_not_read():
    content = bytearray(uploads.archive({f"{number:06}": "" for number in range(30_000)}))
    content[-14:-10] = (1).to_bytes(2, "little") * 2  # "one entry", says the end
    with pytest.raises(kinds.Refused, match="too large inside"):
        recognition.kind_of(bytes(content))


def test_place_and_camera_are_gone_from_photos(health, amina):
    photo = uploads.photo_with_place()
    before = Image.open(BytesIO(photo)).getexif()
    assert before.get_ifd(0x8825)[2] == (7.0, 12.0, 0.0), "the photo tells its place"
    readers.add(amina.user_id)
    _, content = store.open_file(health, amina, keep(health, amina, photo, "site visit.jpg").id)
    with content:
        stored = content.read()
    image = Image.open(BytesIO(stored))
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for told in (b"Exif", b"Camera of the tests", b"taken at the office"):
        assert told in photo
        assert told not in stored


def test_text_in_a_png_is_gone_too(health, amina):
    note = PngInfo()
    note.add_text("Comment", "who took this")
    picture = uploads.picture("PNG", pnginfo=note, dpi=(300, 300)) + b"<script>alert(1)</script>"
    readers.add(amina.user_id)
    _, content = store.open_file(health, amina, keep(health, amina, picture).id)
    with content:
        stored = content.read()
    assert b"who took this" in picture
    assert b"who took this" not in stored
    assert b"script" not in stored
    assert Image.open(BytesIO(stored)).info == {}


@pytest.mark.parametrize(
    ("picture", "size"),
    [
        (uploads.picture("JPEG", (3200, 800)), (1600, 400)),
        (uploads.picture("PNG", (800, 3200)), (400, 1600)),
        (uploads.photo_with_place(orientation=6), (40, 60)),
        (uploads.picture("PNG", (10, 10), mode="1"), (10, 10)),
        (uploads.picture("JPEG", (10, 10), mode="CMYK"), (10, 10)),
        (uploads.picture("PNG", (10, 10), mode="I;16"), (10, 10)),
        (uploads.picture("PNG", (10, 10), mode="P"), (10, 10)),
    ],
    ids=["wide", "tall", "turned by the camera", "black and white", "of a printer", "of a scanner", "few colours"],
)
def test_pictures_are_drawn_again_upright_and_not_too_large(health, amina, picture, size):
    readers.add(amina.user_id)
    _, content = store.open_file(health, amina, keep(health, amina, picture).id)
    with content, Image.open(content) as image:
        assert image.size == size


def test_the_shades_of_a_sixteen_bit_scan_survive(health, amina):
    out = BytesIO()
    Image.new("I;16", (4, 4), 0x8000).save(out, "PNG")
    readers.add(amina.user_id)
    _, content = store.open_file(health, amina, keep(health, amina, out.getvalue()).id)
    with content, Image.open(content) as image:
        assert image.getpixel((0, 0)) == 128


@pytest.mark.parametrize("side", [7_000, 9_500, 14_000], ids=["49 million", "90 million", "196 million"])
def test_pictures_that_unpack_to_a_flood_are_refused(side):
    flood = uploads.picture("PNG", (side, side), mode="1")
    assert len(flood) < 200_000
    with pytest.raises(kinds.Refused, match="pictur"):
        images.redraw(flood, kinds.PNG)


def test_what_is_allowed_is_the_callers_choice(health, amina):
    with pytest.raises(RuleBroken, match="memo is a file of the kind PDF, .* Choose a file of the kind JPG or PNG"):
        keep(health, amina, uploads.PDF, allowed=kinds.IMAGES)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Plan 2026.pdf", "Plan 2026.pdf"),
        (r"C:\Users\amina\Plan.PDF", "Plan.PDF"),
        ("../../plan.pdf", "plan.pdf"),
        ("annex\u202efdp.exe", "annexfdp.exe.pdf"),
        ("a\nb\0c.pdf", "a bc.pdf"),
        ("", "The file.pdf"),
        ("....", "The file.pdf"),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
        ("Pan\u0303o.pdf", "Pa\u00f1o.pdf"),
    ],
)
def test_names_are_for_reading_only(typed, shown):
    assert fitting(readable(typed), kinds.PDF) == shown


# who reads


def test_only_the_rule_of_the_purpose_opens_a_file_and_it_is_asked_each_time(health, amina):
    kept = keep(health, amina, uploads.PDF)
    with pytest.raises(NotFound):
        store.open_file(health, amina, kept.id)
    readers.add(amina.user_id)
    store.open_file(health, amina, kept.id)[1].close()
    readers.clear()
    with pytest.raises(NotFound):
        store.open_file(health, amina, kept.id)


def test_a_file_of_an_unknown_purpose_is_read_by_nobody(health, amina):
    readers.add(amina.user_id)
    kept = keep(health, amina, uploads.PDF)
    kept.purpose = "forgotten"
    health.flush()
    with pytest.raises(NotFound):
        store.open_file(health, amina, kept.id)
    with pytest.raises(LookupError, match="forgotten"):
        store.keep(health, amina, BytesIO(uploads.PDF), "memo", "forgotten", allowed=kinds.EVERY)


def test_a_purpose_has_one_rule(health):
    with pytest.raises(ValueError, match="has its rule already"):
        rights.readable_when(PURPOSE, lambda *_: True)


def test_another_ministry_does_not_find_the_file(engine, cast, health, amina, installation):
    kept = keep(health, amina, uploads.PDF)
    health.commit()
    readers.update({cast.ben.id, amina.user_id})
    with Session(engine, info={"installation": installation}) as education:
        bind_scope(education, cast.mbhte.id)
        with pytest.raises(NotFound):
            store.open_file(education, Actor(cast.ben.id, "Ben", cast.mbhte.id), kept.id)


def test_a_file_needs_an_organization(engine, cast, amina, installation):
    with (
        Session(engine, info={"installation": installation}) as session,
        pytest.raises(ScopeError, match="outside an organization"),
    ):
        keep(session, amina, uploads.PDF)


def test_a_content_that_is_gone_is_said_so(health, amina, installation):
    readers.add(amina.user_id)
    kept = keep(health, amina, uploads.PDF, "Order 12.pdf")
    contents(health, installation)[0].unlink()
    with pytest.raises(RuleBroken, match="Order 12.pdf is missing from the store"):
        store.open_file(health, amina, kept.id)


# the row decides


def test_a_committed_file_stays(health, amina, installation):
    keep(health, amina, uploads.PDF)
    health.commit()
    health.rollback()
    health.close()
    assert len(contents(health, installation)) == 1


@pytest.mark.parametrize("end", [Session.rollback, Session.close], ids=["rolled back", "closed without an answer"])
def test_a_file_whose_row_does_not_stand_goes_with_it(health, amina, installation, end):
    keep(health, amina, uploads.PDF)
    assert len(contents(health, installation)) == 1
    end(health)
    assert contents(health, installation) == []


def test_a_savepoint_takes_its_own_files_along_and_no_others(health, amina, installation):
    first = keep(health, amina, uploads.PDF)
    with health.begin_nested() as attempt:
        keep(health, amina, uploads.PDF)
        attempt.rollback()
    with health.begin_nested():
        second = keep(health, amina, uploads.PDF)
    assert {path.name for path in contents(health, installation)} == {first.storage_key, second.storage_key}
    health.commit()
    assert len(contents(health, installation)) == 2


def test_what_a_savepoint_has_kept_goes_when_the_request_is_rolled_back(health, amina, installation):
    with health.begin_nested(), health.begin_nested():
        keep(health, amina, uploads.PDF)
    health.rollback()
    assert contents(health, installation) == []


def test_a_commit_that_fails_leaves_no_file(health, amina, installation):
    keep(health, amina, uploads.PDF)
    health.add(StoredFile(name="x", media_type="x", size=1, sha256="x", storage_key="x" * 65, purpose=PURPOSE))
    with pytest.raises(DBAPIError):
        health.commit()
    health.rollback()
    assert contents(health, installation) == []


def test_files_of_an_earlier_transaction_are_not_touched_by_a_later_rollback(health, amina, installation):
    keep(health, amina, uploads.PDF)
    health.commit()
    keep(health, amina, uploads.PDF)
    health.rollback()
    gc.collect()
    assert len(contents(health, installation)) == 1


def test_the_sweep_removes_old_contents_without_a_row_and_nothing_else(engine, cast, health, amina, installation):
    kept = keep(health, amina, uploads.PDF)
    health.commit()
    folder = contents(health, installation)[0].parent
    old, young, unfinished = (folder / name for name in ("0" * 32, "1" * 32, "2" * 32 + store.UNFINISHED))
    for path in (old, young, unfinished):
        path.write_bytes(b"left behind")
    yesterday = folder.stat().st_mtime - 90_000
    for path in (old, unfinished, folder / kept.storage_key):
        os.utime(path, (yesterday, yesterday))
    with Session(engine, info={"installation": installation}) as education:
        bind_scope(education, cast.mbhte.id)
        assert store.sweep_orphans(education) == 0, "another organization has a folder of its own"
    assert store.sweep_orphans(health) == 2
    assert contents(health, installation) == sorted([young, folder / kept.storage_key])
    assert store.sweep_orphans(health, older_than=timedelta(0)) == 1


def test_a_demo_paper_is_a_sound_pdf_that_says_so():
    paper = demo_paper("Memorandum", "No. (1) \\ Ñ", "Second line")
    content = paper.content.read()
    assert paper.name == "Memorandum.pdf"
    assert recognition.kind_of(content) == kinds.PDF
    (begins,) = re.findall(rb"startxref\n(\d+)\n%%EOF", content)
    assert content[int(begins) :].startswith(b"xref\n0 6\n")
    for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n", content), start=1):
        assert content[int(place) :].startswith(b"%d 0 obj" % number)
    assert STAMP.encode() in content
    assert rb"(No. \(1\) \\ ?) Tj" in content
