"""The screens: one Python and one kv file each, drawn from a snapshot."""
