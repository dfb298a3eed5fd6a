"""One file per step of the schema; the file's number gives the order."""
