"""Draws a picture anew from its pixels alone: place, time and camera stay behind, and so does whatever else it carried
(Personal Information Protection Law 6: no more than the purpose asks)."""

from __future__ import annotations

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from shenzhi.kernel.attachments.kinds import refused

PIXELS = 50_000_000
"""More pixels than any telephone takes in one photograph; unpacked they are 200 MB at most."""

_MODES = {"jpeg": ("L", "RGB"), "png": ("L", "LA", "RGB", "RGBA"), "webp": ("RGB", "RGBA")}


def redrawn(data: bytes, kind: str) -> bytes:
    """The same picture, upright and with nothing but its pixels; Invalid for one that is damaged, moves or is too large."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind.upper()]) as picture:
            if picture.width * picture.height > PIXELS:
                raise refused(
                    f"图片超过 {PIXELS // 1_000_000} 百万像素：请缩小后再提交。",
                    f"The picture has more than {PIXELS // 1_000_000} million pixels: make it smaller and hand it in again.",
                )
            # of a photograph with a second picture in it (depth, preview) the first is the photograph
            if kind != "jpeg" and getattr(picture, "n_frames", 1) > 1:
                raise refused(
                    "不接收动画：请提交单张图片。", "Moving pictures are not taken: hand in a single one."
                )
            return _drawn(ImageOps.exif_transpose(picture), kind)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
    ) as error:
        raise refused(
            "图片已损坏，打不开：请用看图程序另存后再提交。",
            "The picture is damaged: save it again with a program that shows it and hand it in.",
        ) from error


def _drawn(picture: Image.Image, kind: str) -> bytes:
    if picture.mode.startswith("I"):  # sixteen bits of grey
        picture = picture.point(lambda value: value / 256).convert("L")
    see_through = picture.mode in ("LA", "PA", "RGBA") or "transparency" in picture.info
    if picture.mode not in _MODES[kind] or (picture.mode in ("L", "RGB") and see_through):
        picture = picture.convert("RGBA" if see_through and kind != "jpeg" else "RGB")
    fresh = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    out = io.BytesIO()
    if kind == "jpeg":
        fresh.save(out, "JPEG", quality=90)
    elif kind == "webp":
        fresh.save(out, "WEBP", quality=90)
    else:
        fresh.save(out, "PNG", optimize=False)
    return out.getvalue()
