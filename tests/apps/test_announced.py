"""What registers carry out is told to the coverage of the law: duties named one by one, and no more."""

from __future__ import annotations

from shenzhi.apps.law.coverage import coverage
from shenzhi.kernel import registry
from shenzhi.kernel.articles import references
from shenzhi.kernel.registers.catalogue import registers


def announced():
    return {one.args[0]: one for one in registry.CARRIES if one.url_name == "registers:list"}


def test_every_register_that_names_duties_is_announced_with_its_list():
    told = announced()
    for register in registers():
        duties = [one for one in references(register.article) if one.duty]
        assert (register.slug in told) is bool(duties) or register.slug == "limits", register.slug
    assert told["officers"].article == "91.2"


def test_an_article_named_as_a_whole_claims_nothing():
    # the list of departments belongs to article 8, which it does not carry out by being a list
    assert "departments" not in announced()


def test_articles_are_carried_out_as_far_as_their_duties_are_served():
    standing = coverage()
    states = {number: standing[number].state for number in (7, 8, 10, 71, 89, 91)}
    assert states == {7: "part", 8: "part", 10: "carried", 71: "carried", 89: "carried", 91: "carried"}
    # funding, infrastructure and awards (7.3, 7.5, 7.6) are nobody's yet
    assert [duty.code for duty in standing[7].article.duties if not standing[7].serving(duty)] == [
        "7.3",
        "7.5",
        "7.6",
        "7.7",
    ]
