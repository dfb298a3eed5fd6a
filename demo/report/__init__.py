"""What the automatic visit measured, as ``report.json`` for machines and ``report.html`` for people."""
