"""Attached files: what is taken and what is refused, what stays behind, who may read them, and that nothing half done is left."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import stat
import subprocess
import sys
import time
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from announced import an_officer, people
from shenzhi.kernel.access.roles import PUBLIC
from shenzhi.kernel.attachments.attaching import MOST, attach, attached, may_attach, set_reach
from shenzhi.kernel.attachments.kinds import LARGEST, cleaned, kind_of
from shenzhi.kernel.attachments.pictures import redrawn
from shenzhi.kernel.attachments.store import UNCONFIRMED, Missing, checked, folder, keep, path_of, sweep
from shenzhi.kernel.cases.firing import file, fire
from shenzhi.kernel.registers.writing import Invalid, NotAllowed, history_of

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
SECRET_PLACE = b"22.5431N 114.0579E"


def archive(*parts: tuple[str, bytes | str], comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.comment = comment
        for name, content in parts:
            made.writestr(name, content)
    return out.getvalue()


def a_docx(*more: tuple[str, bytes | str]) -> bytes:
    return archive(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w/>"), *more)


def an_open_document(kind: str) -> bytes:
    return archive(("mimetype", f"application/vnd.oasis.opendocument.{kind}"), ("content.xml", "<x/>"))


def an_xlsx() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def a_picture(kind: str, mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (40, 20), 1).save(out, kind, **more)
    return out.getvalue()


def handed(data: bytes, name: str = "证明.pdf") -> SimpleUploadedFile:
    upload = SimpleUploadedFile("x", data)
    upload._name = name  # Django cleans names too; ours must not rely on it
    return upload


@pytest.fixture
def case(office, settings, tmp_path):
    settings.HOME = tmp_path
    people(office)
    return file(an_officer(office), by=office.member)


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(Invalid) as refused:
        kind_of(data, name)
    return refused.value.faults["file"][0].en


# what is taken


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", PDF),
        ("a.docx", a_docx()),
        ("a.xlsx", an_xlsx()),
        ("a.odt", an_open_document("text")),
        ("a.ods", an_open_document("spreadsheet")),
        ("a.txt", "第一行\n第二行\n".encode()),
        ("a.csv", "名称,数量\n甲,1\n".encode("gb18030")),
        ("a.png", a_picture("PNG")),
        ("a.jpeg", a_picture("JPEG")),
        ("a.webp", a_picture("WEBP")),
    ],
)
def test_a_file_of_each_kind_on_the_list_is_taken(name, data):
    assert kind_of(data, name) == name[2:]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.html", b"<!doctype html><script>alert(1)</script>"),
        ("a.js", b"alert(1)"),
        ("a.zip", archive(("a.txt", "a"))),
        ("a.docm", a_docx()),
        ("a.exe", b"MZ\x90\x00"),
        ("a", PDF),
        ("a.pdf.exe", PDF),
    ],
)
def test_other_kinds_are_refused_with_those_that_are_taken(name, data):
    ending = name.rpartition(".")[2] or name
    assert (
        refusal(data, name)
        == f"Files .{ending} are not taken: hand in one of pdf png jpg webp docx xlsx odt ods txt csv."
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.txt", b"\xef\xbb\xbf  <!DOCTYPE html><script>alert(1)</script>"),
        ("page.csv", b"a,b\n<script>alert(1)</script>"),
        ("picture.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("picture.png", a_picture("JPEG")),
        ("picture.webp", b"RIFF\x00\x00\x00\x00AVI "),
        ("text.txt", b"MZ\x90\x00\x03"),
        ("text.txt", PDF),
        ("text.docx", archive(("a.txt", "a"))),
        ("text.docx", an_xlsx()),
        ("sheet.xlsx", a_docx()),
        ("sheet.ods", an_open_document("text")),
        ("both.docx", a_docx(("xl/workbook.xml", "<w/>"))),
        ("encrypted.docx", b"\xd0\xcf\x11\xe0" + b"\x00" * 600),
        ("damaged.docx", a_docx()[:-30]),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(name, data):
    ending = name.rpartition(".")[2]
    assert refusal(data, name) == (
        f"The name says .{ending} but the content does not: save it again as .{ending} with the program it came from."
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pdf_and_zip.pdf", PDF[:-6] + archive(("a.html", "<script>")) + b"\n%%EOF\n"),
        ("pdf_with_a_tail.pdf", PDF + b"<script>alert(1)</script>"),
        ("zip_behind_html.docx", b"<html>" + a_docx()),
        ("zip_with_a_tail.docx", a_docx() + b"<html>"),
        (
            "zip_with_a_comment.docx",
            archive(("[Content_Types].xml", ""), ("word/document.xml", ""), comment=b"<html>"),
        ),
        ("text_and_zip.txt", b"hello\n" + archive(("a.txt", "a"))),
    ],
)
def test_a_file_that_is_two_things_is_refused(name, data):
    assert refusal(data, name).startswith("The name says")


def test_an_office_document_with_programs_in_it_is_refused():
    assert refusal(a_docx(("word/vbaProject.bin", "x")), "a.docx") == (
        "The document carries macros or programs: save it without them and hand it in again."
    )


def test_a_document_that_unpacks_out_of_all_measure_is_refused_unopened():
    bomb = a_docx(("word/media/a.bin", b"\0" * (30 << 20)))
    assert len(bomb) < 100_000
    assert refusal(bomb, "a.docx").startswith("Unpacked, the document is far larger than its file")


def test_empty_and_oversized_files_are_refused():
    assert refusal(b"", "a.txt") == "The file is empty: check it and choose it again."
    assert refusal(b"a" * (LARGEST + 1), "a.txt").startswith("The file is larger than 20 MB")
    assert kind_of(b"a" * LARGEST, "a.txt") == "txt"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("证明.pdf", "证明.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\li\\报告.PDF", "报告.pdf"),
        ("evil.html.pdf", "evil_html.pdf"),
        ("2026.11.22 v1.2.pdf", "2026.11.22 v1.2.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("fdp.\u202exe.pdf", "fdp_xe.pdf"),
        ('"><script>.pdf', "_script_.pdf"),
        (".htaccess", "htaccess"),
        ("x" * 300 + ".pdf", "x" * 112 + ".pdf"),
        ("", "file"),
    ],
)
def test_names_are_cleaned(given, kept):
    assert cleaned(given) == kept


# pictures


def test_place_and_camera_of_a_photograph_stay_behind_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (22.0, 32.0, 35.16)
    given = a_picture("JPEG", exif=exif, comment=SECRET_PLACE)
    assert b"SecretCamera" in given
    assert SECRET_PLACE in given
    assert dict(Image.open(io.BytesIO(given)).getexif().get_ifd(0x8825))[1] == "N"
    drawn = redrawn(given, "jpeg")
    assert b"SecretCamera" not in drawn
    assert b"Exif" not in drawn
    assert SECRET_PLACE not in drawn
    picture = Image.open(io.BytesIO(drawn))
    assert (picture.size, dict(picture.getexif())) == ((20, 40), {})


def test_texts_and_tails_of_other_pictures_stay_behind():
    words = PngInfo()
    words.add_itxt("Location", SECRET_PLACE.decode())
    png = a_picture("PNG", pnginfo=words) + b"<script>alert(1)</script>"
    webp = a_picture("WEBP", xmp=SECRET_PLACE)
    for given, kind in ((png, "png"), (webp, "webp")):
        assert SECRET_PLACE in given
        drawn = redrawn(given, kind)
        assert SECRET_PLACE not in drawn
        assert b"<script>" not in drawn
        assert Image.open(io.BytesIO(drawn)).size == (40, 20)


@pytest.mark.parametrize(
    ("mode", "becomes"),
    [("1", "RGB"), ("L", "L"), ("P", "RGB"), ("LA", "LA"), ("RGBA", "RGBA"), ("I;16", "L")],
)
def test_every_mode_of_a_picture_can_be_drawn_anew(mode, becomes):
    assert Image.open(io.BytesIO(redrawn(a_picture("PNG", mode), "png"))).mode == becomes


def test_a_picture_that_would_unpack_to_too_many_pixels_is_refused_unopened():
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")  # 81 million pixels in a few kB
    assert len(bomb.getvalue()) < 20_000
    with pytest.raises(Invalid) as refused:
        redrawn(bomb.getvalue(), "png")
    assert refused.value.faults["file"][0].en.startswith("The picture has more than 50 million pixels")


def test_moving_and_damaged_pictures_are_refused():
    moving = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    frames[0].save(moving, "PNG", save_all=True, append_images=frames[1:])
    for data in (moving.getvalue(), a_picture("PNG")[:60]):
        with pytest.raises(Invalid):
            redrawn(data, "png")


# attaching and reading


def test_an_attached_file_stands_in_history_by_its_hash_and_not_by_its_name(office, case):
    made = attach(case, handed(PDF, "张三的病历.pdf"), by=office.member)
    sha256 = hashlib.sha256(PDF).hexdigest()
    assert (made.name, made.kind, made.size, made.sha256, made.reach) == (
        "张三的病历.pdf",
        "pdf",
        len(PDF),
        sha256,
        "closed",
    )
    event = history_of(case).last()
    assert (event.act, event.version, case.version) == ("attached", 2, 2)
    assert event.told == {
        "doer": "member 1",  # a private person's name: in the body, where erasure reaches it
        "file": {"sha256": sha256, "given": sha256, "kind": "pdf", "size": len(PDF), "reach": "closed"},
    }
    assert "病历" not in event.body
    assert checked(sha256).read_bytes() == PDF
    assert stat.S_IMODE(path_of(sha256).stat().st_mode) == 0o600


def test_the_same_file_attached_twice_is_one_and_kept_once_for_all_records(office, case):
    other = file(an_officer(office, organisation=office.other), by=office.clerk)
    first, again = (attach(case, handed(PDF), by=office.member) for _ in range(2))
    assert first.pk == again.pk
    attach(other, handed(PDF), by=office.clerk)
    assert [path.name for path in folder().glob("??/*")] == [first.sha256]
    assert len(attached(other, office.rival)) == 1
    assert attached(case, office.rival) == []


def test_an_altered_file_is_not_given_out(office, case):
    sha256 = attach(case, handed(PDF), by=office.member).sha256
    path_of(sha256).write_bytes(PDF + b" ")
    with pytest.raises(Missing):
        checked(sha256)


def test_a_record_holds_twenty_files(office, case):
    for number in range(MOST):
        attach(case, handed(f"{number}".encode(), "a.txt"), by=office.member)
    with pytest.raises(Invalid) as refused:
        attach(case, handed(b"one more", "a.txt"), by=office.member)
    assert refused.value.faults["file"][0].en == "At most 20 files: join some of them."
    assert history_of(case).count() == 1 + MOST
    # each account by itself: how many others attached is told to nobody
    assert attach(case, handed(b"one more", "a.txt"), by=office.clerk).name == "a.txt"


def test_who_attaches_what_somebody_else_had_attached_learns_nothing_of_it(office, case):
    """The same file is kept once, and counts for whoever attached it: else the twenty-first would tell of the other one."""
    attach(case, handed(b"receipt", "a.txt"), by=office.clerk)
    for number in range(MOST - 1):
        attach(case, handed(f"{number}".encode(), "a.txt"), by=office.member)
    attach(case, handed(b"receipt", "b.txt"), by=office.member)
    with pytest.raises(Invalid):
        attach(case, handed(b"one more", "a.txt"), by=office.member)
    assert len(attached(case, office.clerk)) == MOST


def test_a_file_of_somebody_else_loses_its_name_when_it_is_opened_to_all(office, case):
    """Whoever calls a photograph after himself shall not find his name in its address."""
    theirs = attach(case, handed(b"theirs", "张三的身份证.txt"), by=office.member)
    ours = attach(case, handed(b"ours", "办事指南.txt"), by=office.clerk)
    for one in (theirs, ours):
        set_reach(one, case, "open", by=office.clerk)
    assert [theirs.name, ours.name] == [f"{case.number}-{theirs.sha256[:6]}.txt", "办事指南.txt"]
    assert [one.name for one in attached(case, office.clerk)] == [theirs.name, ours.name]


def test_who_may_attach_is_the_party_and_the_office_until_the_case_ends(office, case):
    may = {name: may_attach(case, getattr(office, name)) for name in (
        "member", "clerk", "reviewer", "head", "rival", "stranger", "district", "supervisor", "auditor", "administrator",
    )}  # fmt: skip
    assert may == {
        "member": True, "clerk": True, "reviewer": True, "head": True, "rival": False, "stranger": False,
        "district": False, "supervisor": False, "auditor": False, "administrator": False,
    }  # fmt: skip
    for nobody in (office.rival, PUBLIC):
        with pytest.raises(NotAllowed):
            attach(case, handed(PDF), by=nobody)
    ended = fire(case, "refuse", by=office.reviewer, data={"reason": "x"})
    assert not may_attach(ended, office.clerk)


def test_each_class_of_file_is_read_by_those_of_its_class(office, case):
    listed = fire(case, "list", by=office.reviewer)
    for reach in ("open", "on_request", "shared", "closed", "internal"):
        attach(listed, handed(reach.encode(), f"{reach}.txt"), by=office.clerk, reach=reach)
    seen = {
        name: {one.reach for one in attached(listed, reader)}
        for name, reader in [("public", PUBLIC), *vars(office).items()]
        if name
        in ("public", "member", "rival", "clerk", "stranger", "supervisor", "auditor", "administrator")
    }
    assert seen == {
        "public": {"open"},
        "member": {"open", "on_request", "shared", "closed"},
        "rival": {"open"},
        "clerk": {"open", "on_request", "shared", "closed", "internal"},
        "stranger": {"open", "shared"},
        "supervisor": {"open", "on_request", "shared"},
        "auditor": {"open", "on_request", "shared"},
        "administrator": {"open"},
    }


def test_how_far_a_file_goes_is_decided_by_the_office_and_noted(office, case):
    with pytest.raises(NotAllowed):
        attach(case, handed(PDF), by=office.member, reach="open")
    made = attach(case, handed(PDF), by=office.member)
    with pytest.raises(NotAllowed):
        set_reach(made, case, "open", by=office.member)
    with pytest.raises(Invalid):
        set_reach(made, case, "everybody", by=office.clerk)
    listed = fire(case, "list", by=office.reviewer)
    set_reach(made, listed, "open", by=office.clerk)
    assert [one.pk for one in attached(listed, PUBLIC)] == [made.pk]
    assert history_of(listed).last().told == {
        "file": {"sha256": made.sha256, "from": "closed", "reach": "open"}
    }
    set_reach(made, listed, "closed", by=office.clerk)
    assert attached(listed, PUBLIC) == []


# what is left behind


def test_files_that_no_record_names_are_swept_after_a_day_and_others_are_not(office, case):
    named = attach(case, handed(PDF), by=office.member).sha256
    lost, fresh = keep(b"lost"), keep(b"fresh")
    yesterday = time.time() - UNCONFIRMED - 1
    for sha256 in (named, lost):
        os.utime(path_of(sha256), (yesterday, yesterday))
    assert sweep() == 1
    assert [path_of(sha256).exists() for sha256 in (named, lost, fresh)] == [True, False, True]


def test_an_old_file_that_is_handed_in_again_is_not_swept(case):
    yesterday = time.time() - UNCONFIRMED - 1
    sha256 = keep(b"again")
    os.utime(path_of(sha256), (yesterday, yesterday))
    keep(b"again")
    assert sweep() == 0


@pytest.mark.slow
def test_a_process_killed_between_the_file_and_its_row_leaves_nothing_that_can_be_reached(tmp_path):
    env = {**os.environ, "SHENZHI_HOME": str(tmp_path), "SHENZHI_DATABASE": ""}

    def child(script: str) -> subprocess.CompletedProcess[str]:
        begin = "import django; django.setup()\nimport io, os, signal, sys\n"
        return subprocess.run(
            [sys.executable, "-c", begin + script],
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    prepare = (
        "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
        "from shenzhi.kernel.access.roles import PLATFORM\n"
        "from shenzhi.kernel.models import District\n"
        "from shenzhi.kernel.registers.writing import create\n"
        "create(District(code='990001', name='松风区'), by=PLATFORM)\n"
    )
    assert child(prepare).returncode == 0
    attaching = (
        "from shenzhi.kernel.access.roles import PLATFORM\n"
        "from shenzhi.kernel.attachments import attaching\n"
        "from shenzhi.kernel.models import District\n"
        "file = io.BytesIO(b'hello'); file.name = 'a.txt'\n"
        "kept = attaching.keep\n"
        "def then_die(data):\n"
        "    kept(data)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "attaching.keep = then_die if len(sys.argv) < 2 else kept\n"
        "attaching.attach(District.objects.get(), file, by=PLATFORM)\n"
    )
    assert child(attaching).returncode == -signal.SIGKILL
    looked = child(
        "import time\nfrom shenzhi.kernel.models import Attachment, District, Event\n"
        "from shenzhi.kernel.attachments import store\n"
        "print(Attachment.objects.count(), Event.objects.filter(act='attached').count(), District.objects.get().version,\n"
        "      len(list(store.folder().glob('??/*'))), store.sweep(), store.sweep(time.time() + store.UNCONFIRMED + 60))\n"
    )
    assert looked.stdout == "0 0 1 1 0 1\n"
