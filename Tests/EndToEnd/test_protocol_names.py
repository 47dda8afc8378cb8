"""nick: names, their form and their uniqueness."""

import pytest

from harness.expect import is_error, refuses
from harness.naming import fresh
from harness.node import Node
from harness.people import People


@pytest.mark.parametrize("name", [
    "", " ", "a" * 33, "a:b", "a\u0001b", "a\tb", "\u202e\u2066", "\u200b\u200d", "a\u0085b", "[a", "* ann edited",
])
async def test_names_against_the_rules(node: Node, people: People, name: str):
    ann = await people.guest(node)
    await refuses(ann, "bad_name", "nick", name=name)


@pytest.mark.parametrize("alike", [
    lambda name: name.upper(), lambda name: f" {name} ", lambda name: name[0] + "\u200b" + name[1:],
    lambda name: "\u202e" + name + "\u202c",
    lambda name: "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in name),
], ids=["case", "spaces", "zero width", "bidi", "full width"])
async def test_names_that_count_as_the_same(node: Node, people: People, alike):
    ann = await people.guest(node, "ann")
    bob = await people.guest(node, "bob")
    await refuses(bob, "name_taken", "nick", name=alike(ann.name))


async def test_case_folding_is_not_only_ascii(node: Node, people: People):
    tail = fresh("x")
    await people.guest(node, name=f"straße {tail}")
    bob = await people.guest(node, "bob")
    await refuses(bob, "name_taken", "nick", name=f"STRASSE {tail}")


async def test_ones_own_name_in_another_case_is_free(node: Node, people: People):
    ann = await people.guest(node, "ann")
    reply = await ann.ask("nick", name=ann.name.upper())
    assert reply["type"] == "ack"


async def test_names_may_be_of_any_script(node: Node, people: People):
    ann = await people.guest(node)
    for name in ("Анна", "あんな", "🐦 birdie"):
        reply = await ann.request("nick", name=f"{name} {fresh('x')[:12]}")
        assert reply["type"] == "ack", reply


async def test_a_name_of_32_characters(node: Node, people: People):
    ann = await people.guest(node)
    assert (await ann.ask("nick", name=fresh("ann").ljust(32, "é")))["type"] == "ack"


@pytest.mark.parametrize("name", ["null", "17", '["x"]', '{"a":1}', "true"])
async def test_a_name_that_is_no_string(node: Node, people: People, name: str):
    ann = await people.guest(node)
    await ann.send_text(f'{{"type":"nick","id":"n","name":{name}}}')
    is_error(await ann.next("error"), "bad_frame", "n")
