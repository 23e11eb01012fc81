"""Makes the pictures of the documentation from screenshots of MLflow's pages.

usage: pictures.py SCREENSHOTS IMAGES

Each is cut to what it is about, and gets a palette: pages have few colours, and so the files are small.
Pillow comes with MLflow.
"""

import pathlib
import sys

from PIL import Image

# Screenshot, picture, and the part of the page to show in its own pixels: left, top, right, bottom.
PICTURES = [
    ("trace", "trace-retry", (150, 0, 1500, 840)),
    ("trace-events-2", "trace-validation", (150, 0, 1500, 640)),
    ("trace-span-6", "trace-chat", (150, 0, 1500, 1080)),
    ("list", "traces", (198, 8, 1488, 440)),
    ("sessions", "sessions", (198, 8, 1488, 440)),
]
WIDTH_OF_PAGE = 1500
COLORS = 224
LIMIT = 200_000


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    screenshots, images = map(pathlib.Path, sys.argv[1:])
    for source, target, part in PICTURES:
        picture = Image.open(screenshots / f"{source}.png").convert("RGB")
        scale = picture.width / WIDTH_OF_PAGE
        picture = picture.crop([round(edge * scale) for edge in part])
        picture = picture.quantize(COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        path = images / f"{target}.png"
        picture.save(path, optimize=True)
        size = path.stat().st_size
        print(f"{path.name}: {picture.width} x {picture.height}, {size} bytes")
        if size > LIMIT:
            sys.exit(f"{path} has more than {LIMIT} bytes")


if __name__ == "__main__":
    main()
