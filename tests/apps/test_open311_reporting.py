"""Reporting over Open311: further questions, keys, photographs, and forms that nobody should have sent (articles 62, 90)."""

from __future__ import annotations

import datetime as dt
import io
import socket
import zipfile
from xml.etree import ElementTree as ET

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from apps.open311_city import BASE, city, number_of, post, told
from shenzhi.apps.complaints.models import Category, Problem
from shenzhi.apps.complaints.questions import Question
from shenzhi.kernel.access.roles import PLATFORM
from shenzhi.kernel.attachments.attaching import set_reach
from shenzhi.kernel.attachments.models import Attachment
from shenzhi.kernel.attachments.store import checked
from shenzhi.kernel.registers.writing import Invalid, change, create

__all__ = ["city"]


def test_what_is_handed_in_is_a_case_like_any_other(city):
    number = number_of(city)
    case = Problem.objects.get()
    assert (case.number, case.state, case.channel, case.email) == (
        number,
        "filed",
        "open311",
        "a@example.org",
    )


def test_who_reports_can_follow_it_without_an_account(city):
    said = post(city)
    number, secret = said.json()[0]["service_request_id"], said["Tracking-Secret"]
    assert "路灯" in city.post("/track/", {"number": number, "secret": secret}, follow=True).content.decode()


def test_the_same_request_sent_again_is_one(city):
    def sent() -> str:
        given = {"service_code": "lamp", "address_string": "松风区质量路"}
        said = city.post(f"{BASE}/requests.json", given, headers={"Idempotency-Key": "one-request"})
        return str(said.json()[0]["service_request_id"])

    assert (sent() == sent(), Problem.objects.count()) == (True, 1)


def test_answers_are_kept_with_the_problem_in_words(city):
    number_of(
        city,
        service_code="cover",
        media_url="https://photos.example.org/1.jpg",
        **{
            "attribute[STATE]": "missing",
            "attribute[SIGNS][]": ["tape", "light"],
            "attribute[DEPTH]": "40.5",
            "attribute[SINCE]": "2026-03-02T09:00:00+08:00",
        },
    )
    assert Problem.objects.get().answers.splitlines() == [
        "井盖怎么了（STATE）：缺失（missing）",
        "有无警示（SIGNS）：警戒带（tape）、警示灯（light）",
        "多深（厘米）（DEPTH）：40.5",
        "何时发现（SINCE）：2026-03-02T09:00:00+08:00",
        "media_url: https://photos.example.org/1.jpg",
    ]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, ["attribute[STATE] was not provided"]),
        ({"STATE": "gone"}, ["attribute[STATE] is one of broken, missing, not gone"]),
        ({"STATE": ["broken", "missing"]}, ["attribute[STATE] takes one answer"]),
        ({"STATE": "broken", "DEPTH": "deep"}, ["attribute[DEPTH] is no number: deep"]),
        ({"STATE": "broken", "DEPTH": "NaN"}, ["attribute[DEPTH] is no number: NaN"]),
        ({"STATE": "broken", "SIGNS": ["tape", "dog"]}, ["attribute[SIGNS] is one of tape, light, not dog"]),
        (
            {"STATE": "broken", "SINCE": "monday"},
            ["attribute[SINCE] is no moment in the form 2026-03-02T09:00:00+08:00"],
        ),
        (
            {"STATE": "broken", "NOTE": "yes", "COLOUR": "red"},
            [f"attribute[{one}] is no question of cover: they are in services/cover" for one in ("NOTE", "COLOUR")],
        ),
    ],
)  # fmt: skip
def test_answers_are_checked(city, given, why):
    said = post(city, service_code="cover", **{f"attribute[{code}]": text for code, text in given.items()})
    assert (said.status_code, told(said), Problem.objects.count()) == (400, why, 0)


def test_a_question_that_ended_is_not_asked(city):
    (question,) = Question.objects.filter(code="STATE")
    change(question, by=PLATFORM, ended_on=timezone.localdate() - dt.timedelta(days=1))
    codes = [one["code"] for one in city.get(f"{BASE}/services/cover.json").json()["attributes"]]
    assert codes == ["SIGNS", "DEPTH", "SINCE", "NOTE"]
    assert post(city, service_code="cover").status_code == 200


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"datatype": "singlevaluelist", "options": ""}, "options"),
        ({"datatype": "singlevaluelist", "options": "a=甲"}, "options"),
        ({"datatype": "singlevaluelist", "options": "a=甲=A\na=乙=B"}, "options"),
        ({"datatype": "text", "options": "a=甲=A"}, "options"),
        ({"datatype": "text", "variable": False, "required": True}, "required"),
        ({"datatype": "text", "code": "STATE"}, ""),
        ({"datatype": "text", "order": 1}, ""),
        ({"datatype": "text", "order": 0}, "order"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(city, given, field):
    category = Category.objects.get(code="cover")
    whole = {"code": "NEW", "order": 9, "description": "问", "description_en": "Q", **given}
    with pytest.raises(Invalid) as refused:
        create(Question(category=category, **whole), by=PLATFORM)
    assert list(refused.value.faults) == [field]


def test_every_fault_of_a_request_is_said_at_once(city):
    said = city.post(f"{BASE}/requests.xml", {"lat": "200"})
    assert said.status_code == 400
    assert told(said) == [
        "service_code was not provided",
        "lat is no number of degrees between -90 and 90",
        "lat and long, address_string or address_id was not provided",
    ]
    said = city.post("/open311/v2/requests.json", {"service_code": "lamp", "long": "114"})
    assert told(said) == ["lat 和 long 须同时给出", "缺少 lat and long, address_string or address_id"]
    assert told(post(city, email="nobody")) == ["email: Enter a valid email address."]


def test_a_form_that_cannot_be_read_is_refused(city):
    address = f"{BASE}/requests.json"
    form = "application/x-www-form-urlencoded"
    latin = city.generic("POST", address, b"service_code=lamp&address_string=Stra\xdfe", form)
    assert told(latin) == ["the form is not UTF-8"]
    quoted = city.generic("POST", address, b"service_code=lamp&address_string=Stra%DFe", form)
    assert told(quoted) == ["address_string is not UTF-8"]
    assert city.generic("POST", address, b"{}", "application/json").status_code == 400
    torn = city.generic("POST", address, b"--x\r\nnothing", "multipart/form-data")
    assert (torn.status_code, len(told(torn))) == (400, 1)
    many = "&".join(f"f{at}=1" for at in range(1100))
    assert city.generic("POST", address, many.encode(), form).status_code == 400
    large = city.generic("POST", address, b"description=" + b"a" * (3 << 20), form)
    assert (large.status_code, len(told(large))) == (413, 1)
    said = city.generic("POST", address, b"a=1", form, CONTENT_LENGTH=str(1 << 30))
    assert (said.status_code, len(told(said))) == (413, 1)
    unnamed = b"service_code=lamp&address_string=Pine+Road"
    assert city.generic("POST", address, unnamed, "text/plain").status_code == 200
    assert Problem.objects.get().place == "Pine Road"


def test_a_key_that_is_not_valid_is_refused_and_none_is_needed(city):
    assert post(city, api_key="shenzhi_00000000_none").status_code == 403
    refused = city.post(f"{BASE}/requests.xml", {}, headers={"Authorization": "Bearer shenzhi_00000000_none"})
    assert told(refused) == ["api_key is unknown, revoked or expired; leave it out or make a new one"]
    assert Problem.objects.count() == 0
    assert post(city).status_code == 200


def test_who_reports_too_often_is_told_so_in_the_form_of_the_interface(city, settings):
    settings.RATES = {"public": (1, 3600)}
    assert post(city).status_code == 200
    for form in ("json", "xml"):
        said = post(city, form)
        assert (said.status_code, len(told(said)), int(said["Retry-After"]) > 0) == (429, 1, True)
    assert city.get(f"{BASE}/requests.json").status_code == 200


# -- photographs


def picture(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 1).save(out, kind, **more)
    return out.getvalue()


def taken_in_a_place() -> bytes:
    """A photograph that says where it was taken: 22.5 degrees north."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (22.0, 30.0, 0.0)})
    return picture("JPEG", exif=exif)


def upload(data: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, kind)


def archive(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def shelf(settings, tmp_path):
    """The folder in which attached files are kept."""
    settings.HOME = tmp_path
    return tmp_path / "attachments"


def test_a_photograph_comes_with_the_request_and_leaves_its_place_behind(city, shelf):
    sent = taken_in_a_place()
    assert b"Exif" in sent
    number_of(city, media=upload(sent, "张三 家门口.JPG"))
    case, (kept,) = Problem.objects.get(), Attachment.objects.all()
    assert (kept.record, kept.kind, kept.reach) == (case.pk, "jpeg", "closed")
    data = checked(kept.sha256).read_bytes()
    with Image.open(io.BytesIO(data)) as shown:
        assert (shown.size, dict(shown.getexif())) == ((40, 20), {})
    assert b"Exif" not in data


def test_a_photograph_is_shown_once_the_office_has_opened_it(city, shelf, office):
    number = number_of(city, media=[upload(picture("PNG"), "a.png"), upload(picture("JPEG"))])

    def media_url() -> str | None:
        return city.get(f"{BASE}/requests/{number}.json").json()[0]["media_url"]

    assert media_url() is None
    case, first = Problem.objects.get(), Attachment.objects.order_by("id")[0]
    set_reach(first, case, "open", by=office.clerk)
    # by the number of the case: the name that somebody gave a photograph may be his own
    name = f"{number}-{first.sha256[:6]}.png"
    assert media_url() == f"http://testserver/en/registers/problems/{number}/files/{first.sha256}/{name}"
    root = ET.fromstring(city.get(f"{BASE}/requests/{number}.xml").content)
    assert root.findtext("request/media_url") == media_url()
    answer = city.get(str(media_url()))
    assert b"".join(answer.streaming_content) == checked(first.sha256).read_bytes()


def test_what_a_client_names_is_never_fetched(city, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("the platform called somebody")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    number_of(city, media_url="http://169.254.169.254/latest/meta-data/")
    assert Problem.objects.get().answers == "media_url: http://169.254.169.254/latest/meta-data/"


HOSTILE = {
    "a page that calls itself a picture": lambda: (b"<html><script>alert(1)</script></html>", "photo.jpg"),
    "a drawing that can carry programs": lambda: (b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', "photo.svg"),
    "a program": lambda: (b"MZ" + bytes(200), "photo.jpg.exe"),
    "a document": lambda: (b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", "photo.pdf"),
    "a document that calls itself a picture": lambda: (b"%PDF-1.4\n%%EOF\n", "photo.png"),
    "an archive that grows out of all measure": lambda: (archive("word/document.xml", bytes(30 << 20)), "photo.docx"),
    "an archive that calls itself a picture": lambda: (archive("a", b"b"), "photo.webp"),
    "a picture cut short": lambda: (picture("JPEG", (400, 400))[:300], "photo.jpg"),
    "a picture of ten thousand by ten thousand": lambda: (picture("PNG", (10_000, 10_000), "1"), "photo.png"),
    "another kind of picture": lambda: (picture("BMP"), "photo.bmp"),
    "nothing at all": lambda: (b"", "photo.jpg"),
    "more than twenty megabytes": lambda: (picture("JPEG") + bytes(20 << 20), "photo.jpg"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_photograph_is_refused_and_nothing_is_written(city, shelf, what):
    said = post(city, media=upload(*HOSTILE[what]()))
    assert (said.status_code, len(told(said)), told(said)[0].startswith("media")) == (400, 1, True)
    assert (Problem.objects.count(), Attachment.objects.count(), list(shelf.glob("??/*"))) == (0, 0, [])


def test_a_picture_that_is_also_an_archive_leaves_the_archive_behind(city, shelf):
    both = picture("JPEG") + archive("run.sh", b"rm -rf /")
    assert zipfile.is_zipfile(io.BytesIO(both))
    number_of(city, media=upload(both))
    data = checked(Attachment.objects.get().sha256).read_bytes()
    assert (zipfile.is_zipfile(io.BytesIO(data)), data[:3]) == (False, b"\xff\xd8\xff")


def test_moving_pictures_are_refused(city, shelf):
    frames = [Image.new("RGB", (4, 4), colour) for colour in (1, 99)]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    said = post(city, media=upload(out.getvalue(), "photo.webp"))
    assert told(said) == ["media: Moving pictures are not taken: hand in a single one."]


def test_photographs_are_five_at_most_and_in_their_own_field(city, shelf):
    many = post(city, media=[upload(picture("JPEG", (at, 9))) for at in range(1, 7)])
    assert told(many) == ["media: at most 5 photographs"]
    assert told(post(city, photo=upload(picture("JPEG")))) == ["photo: photographs are sent as media"]
    assert Problem.objects.count() == 0


def test_a_photograph_of_a_refused_request_is_not_kept(city, shelf):
    assert post(city, email="nobody", media=upload(picture("JPEG"))).status_code == 400
    assert (Attachment.objects.count(), list(shelf.glob("??/*"))) == (0, [])
