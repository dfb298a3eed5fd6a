"""What `python -m bench.encoders` is made of: pictures, and how one encoder is measured."""
