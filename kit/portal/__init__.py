"""Portals that exist only as web pages: Chromium, shut in, below a frame that the kit draws.

Who may reach what is the managed policy's and the name space's; which window is seen and which key reaches
it, the window keeper's; what staff is told, the session's.
"""
