"""The procedure of a register as a drawing and as BPMN, for everybody."""

from __future__ import annotations

from xml.etree import ElementTree

from django.test import Client


def test_the_drawing_and_the_model_can_be_taken_away_in_both_languages(db):
    drawing = Client().get("/en/registers/officers/procedure.svg")
    assert (drawing.status_code, drawing["Content-Type"]) == (200, "image/svg+xml")
    assert ElementTree.fromstring(drawing.content)[0].text == "Appointment of a chief quality officer"
    model = Client().get("/registers/officers/procedure.bpmn")
    assert model["Content-Disposition"] == 'attachment; filename="officers.bpmn"'
    assert ElementTree.fromstring(model.content)[0][0].attrib["name"] == "首席质量官任命备案"


def test_a_register_without_a_procedure_has_no_drawing(db):
    for form in ("svg", "bpmn"):
        assert Client().get(f"/registers/departments/procedure.{form}").status_code == 404


def test_the_page_about_a_register_draws_its_procedure_in_the_readers_language(db):
    page = Client().get("/en/registers/officers/about/").content.decode()
    assert '<title id="procedure-appointment-en-title">Appointment of a chief quality officer</title>' in page
