"""What the pages and the API show, read from the store; nothing here writes."""
