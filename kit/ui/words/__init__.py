"""What the words of ``kit.visit`` and ``kit.ipc`` are called on the screen: texts for the catalogue."""
