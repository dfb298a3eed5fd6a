"""The link test: ten seconds of generated media over the real path, before anybody depends on it.

Never the camera's picture and never the microphone's sound: what leaves is noise that was made for it.
"""
