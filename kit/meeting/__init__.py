"""How a room is joined: invitation, the room's own protocol, the test room."""
