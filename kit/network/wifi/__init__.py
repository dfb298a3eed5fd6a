"""The patient's own Wi-Fi: held by a process of its own whose death removes it, and its removal verified."""
