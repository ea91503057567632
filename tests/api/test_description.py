"""The description of the API: valid OpenAPI 3.1, complete, and true of what the server answers."""

from __future__ import annotations

import pytest
from django.test import Client

from shenzhi.kernel.registers.catalogue import registers


@pytest.fixture(scope="module")
def description():
    return Client().get("/api/v1/openapi.json").json()


def test_every_register_is_described(description):
    assert description["openapi"] == "3.1.0"
    for register in registers():
        assert f"/api/v1/{register.slug}/" in description["paths"]
        assert f"/api/v1/{register.slug}/{{number}}" in description["paths"]


def test_every_move_has_its_address(description):
    for register in registers():
        for move in register.procedure.moves if register.procedure else ():
            if set(move.by) != {"system"}:
                assert f"/api/v1/{register.slug}/{{number}}/moves/{move.code}" in description["paths"]


def test_names_of_operations_and_shapes_are_told_apart(description):
    operations = [one["operationId"] for path in description["paths"].values() for one in path.values()]
    assert len(operations) == len(set(operations))
    # a register of problems is no answer that says what went wrong
    shapes = description["components"]["schemas"]
    assert {"status", "detail_zh", "detail_en"} <= set(shapes["ProblemDetails"]["properties"])
    assert "place" in shapes["Problem"]["properties"]


def test_what_the_platform_writes_is_not_asked_for(description):
    shapes = description["components"]["schemas"]
    for name, shape in shapes.items():
        if name.startswith(("New", "Changed")):
            assert not {"state", "version", "id", "made_at", "changed_at"} & set(shape["properties"]), name
            assert shape["additionalProperties"] is False


def test_every_operation_names_its_errors_and_its_ways_to_sign_in(description):
    for path, verbs in description["paths"].items():
        for verb, one in verbs.items():
            assert "application/problem+json" in one["responses"]["default"]["content"], (path, verb)
            assert {"key": []} in one["security"], (path, verb)
