"""Pictures of the call: I420 planes from shared memory, turned to RGB by a shader.

The texture is as wide as the plane's stride, and the shader stops half a texel before the padding: sampling
between the last pixel and the padding would give a green edge.
"""

from typing import Any

from kivy.graphics import BindTexture, Color, Rectangle, RenderContext
from kivy.graphics.texture import Texture
from kivy.graphics.transformation import Matrix
from kivy.properties import BooleanProperty, ObjectProperty, OptionProperty

from kit.ipc.pictures import Picture, Stream
from kit.ui.widgets.bases import BaseWidget

_SHADER = """$HEADER$
uniform sampler2D plane_u;
uniform sampler2D plane_v;
uniform mat4 to_rgb;
uniform vec4 crop;
void main(void) {
    vec2 luma = vec2(min(tex_coord0.x * crop.x, crop.y), tex_coord0.y);
    vec2 chroma = vec2(min(tex_coord0.x * crop.z, crop.w), tex_coord0.y);
    vec3 yuv = vec3(
        texture2D(texture0, luma).r, texture2D(plane_u, chroma).r, texture2D(plane_v, chroma).r);
    gl_FragColor = vec4(clamp((to_rgb * vec4(yuv, 1.0)).rgb, 0.0, 1.0), 1.0);
}
"""
_READS = 2
"""A picture that was written over while it was uploaded is read once more; then the next one is awaited."""


def bt601_limited() -> Matrix:
    """Y'CbCr to RGB as ITU-R BT.601 with limited range.

    VP8 is always so (RFC 6386), and WebRTC's peers take H.264 without a colour description to be.
    """
    red, blue = 0.299, 0.114
    green = 1 - red - blue
    luma, chroma = 255 / 219, 255 / 224
    rows = (
        (luma, 0.0, 2 * (1 - red) * chroma),
        (luma, -2 * blue * (1 - blue) / green * chroma, -2 * red * (1 - red) / green * chroma),
        (luma, 2 * (1 - blue) * chroma, 0.0),
    )
    offsets = [-(y * 16 + (u + v) * 128) / 255 for y, u, v in rows]
    columns = [value for column in zip(*rows, strict=True) for value in (*column, 0.0)]
    matrix = Matrix()
    matrix.set(flat=[*columns, *offsets, 1.0])
    return matrix


class PictureTile(BaseWidget):
    """Draws the newest picture of one stream, whole (``contain``) or cut to fill (``cover``)."""

    stream = ObjectProperty(Stream.REMOTE)
    fit = OptionProperty("contain", options=["contain", "cover"])
    mirrored = BooleanProperty(False)
    """As in a mirror: people expect to see themselves so."""
    hold = BooleanProperty(False)
    """Keep the last picture while none comes."""
    has_picture = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self.canvas = RenderContext(
            fs=_SHADER, use_parent_projection=True, use_parent_modelview=True, use_parent_frag_modelview=True
        )
        self.canvas["plane_u"], self.canvas["plane_v"], self.canvas["to_rgb"] = 1, 2, bt601_limited()
        self._textures: tuple[Any, ...] = ()
        self._format: tuple[int, int, int, int] | None = None
        self._sequence = 0
        self._rectangle: Any = None
        super().__init__(**properties)
        for name in ("pos", "size", "fit", "mirrored"):
            self.fbind(name, self._arrange)
        self.fbind("stream", self.clear)

    def clear(self, *_: Any) -> None:
        """Show nothing, and let go of what was shown."""
        self.canvas.clear()
        self._textures, self._format, self._rectangle, self._sequence = (), None, None, 0
        self.has_picture = False

    def show(self, pictures: Any) -> Picture | None:
        """Draw the stream's newest picture; return it if it is a new one. ``pictures`` is a PictureClient."""
        for _ in range(_READS):
            picture: Picture | None = pictures.latest(self.stream)
            if picture is None:
                if self.has_picture and not self.hold:
                    self.clear()
                return None
            if picture.sequence == self._sequence:
                return None
            self._upload(picture)
            if picture.intact():
                self._sequence = picture.sequence
                self.has_picture = True
                self.canvas.ask_update()
                return picture
        return None

    def _upload(self, picture: Picture) -> None:
        luma, chroma, _ = picture.planes
        kind = picture.width, picture.height, luma.stride, chroma.stride
        if kind != self._format:
            self._allocate(picture)
            self._format = kind
        for texture, plane in zip(self._textures, picture.planes, strict=True):
            texture.blit_buffer(plane.data, size=(plane.stride, plane.rows), colorfmt="luminance")

    def _allocate(self, picture: Picture) -> None:
        textures = []
        for plane in picture.planes:
            texture = Texture.create(size=(plane.stride, plane.rows), colorfmt="luminance", mipmap=False)
            texture.wrap, texture.min_filter, texture.mag_filter = "clamp_to_edge", "linear", "linear"
            textures.append(texture)
        self._textures = tuple(textures)
        luma, chroma, _ = picture.planes
        half = (picture.width + 1) // 2
        self.canvas["crop"] = (
            picture.width / luma.stride,
            (picture.width - 0.5) / luma.stride,
            picture.width / 2 / chroma.stride,
            (half - 0.5) / chroma.stride,
        )
        self.canvas.clear()
        with self.canvas:
            BindTexture(texture=textures[1], index=1)
            BindTexture(texture=textures[2], index=2)
            Color(1, 1, 1, 1)
            self._rectangle = Rectangle(texture=textures[0])
        self._arrange(size=(picture.width, picture.height))

    def _arrange(self, *_: Any, size: tuple[int, int] | None = None) -> None:
        known = size or (self._format and self._format[:2])
        if self._rectangle is None or not known:
            return
        across, down = self.width / known[0], self.height / known[1]
        left = right = top = bottom = 0.0
        if self.fit == "contain":
            least = min(across, down)
            width, height = known[0] * least, known[1] * least
        else:
            most = max(across, down, 1e-6)
            width, height = self.size
            left = right = (1 - across / most) / 2
            top = bottom = (1 - down / most) / 2
        self._rectangle.size = width, height
        # Not center_x: it is still the old one while the size is being changed.
        self._rectangle.pos = self.x + (self.width - width) / 2, self.y + (self.height - height) / 2
        x0, x1 = (1 - right, left) if self.mirrored else (left, 1 - right)
        self._rectangle.tex_coords = (x0, 1 - bottom, x1, 1 - bottom, x1, top, x0, top)
