"""What the words of ``kit.visit`` and ``kit.ipc`` are called on the screen: Swedish texts for the catalogue."""
