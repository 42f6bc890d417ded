"""The tree is RFC 6962's: its own definition, its test vectors, and proofs that lead to its root."""

from hashlib import sha256

import pytest
from hypothesis import given, strategies as st

from rapport.ledger.merkle import (
    EMPTY,
    canonical,
    extend,
    inclusion_proof,
    leaf_hash,
    pack_peaks,
    root,
    root_from_proof,
    root_of,
    unpack_peaks,
)

# transparency-dev/merkle, testonly/constants.go: the roots of the first n of these leaves.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in INPUTS]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_that_certificate_transparency_publishes(size):
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_hash_of_nothing():
    assert root([]) == EMPTY == sha256(b"").digest()


@given(st.lists(st.binary(max_size=8), max_size=70), st.integers(0, 70))
def test_a_tree_grown_in_two_steps_has_the_root_of_one_grown_at_once(texts, cut):
    leaves = [leaf_hash(text) for text in texts]

    peaks = extend(unpack_peaks(pack_peaks(extend([], leaves[:cut]))), leaves[cut:])

    assert root(peaks) == root_of(leaves)


@given(st.integers(1, 70).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1))))
def test_a_proof_leads_from_its_leaf_to_the_root_and_no_other_leaf_does(case):
    size, index = case
    leaves = [leaf_hash(bytes([n])) for n in range(size)]

    proof = inclusion_proof(leaves, index)

    assert root_from_proof(leaves[index], index, size, proof) == root_of(leaves)
    assert root_from_proof(leaf_hash(b"another"), index, size, proof) != root_of(leaves)


def test_what_moves_from_one_field_to_the_next_changes_the_bytes():
    one = canonical(1, bytes(16), bytes(16), 1, "ab", "c", b"body", b"")
    two = canonical(1, bytes(16), bytes(16), 1, "a", "bc", b"body", b"")

    assert one != two
