"""The rules of this tree that a machine can keep: each module finds what breaks one of them."""
