"""The page of the measured calls: a picture and tables, made from build/bench/call.json."""
