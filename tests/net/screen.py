"""The text on the screen of a machine: QEMU's picture of it, read by the letters of build/font.bin, or,
where a firmware has written with letters of its own, looked for by which of them are equal."""
import contextlib

import monitor

WIDTH, HEIGHT, FIRST = 8, 16, 0x20


@contextlib.contextmanager
def plugged(folder):
    """QEMU's options for a screen, and a function of the build's folder that tells what it shows."""
    words = ["-device", "VGA", *monitor.words(folder)]
    yield words, lambda build: _text(_shot(folder), _letters(build))


def _shot(folder):
    picture = folder / "screen.ppm"
    monitor.execute(folder, "screendump", filename=str(picture))
    return picture.read_bytes()


def _letters(build):
    """{bytes of 16 lines: letter}"""
    font = (build / "font.bin").read_bytes()
    return {font[at:at + HEIGHT]: chr(FIRST + at // HEIGHT) for at in range(0, len(font), HEIGHT)}


def _lit(ppm):
    """Width, height, and a byte a pixel: is there anything?"""
    _, width, height = ppm.split(maxsplit=3)[:3]
    width, height = int(width), int(height)
    return width, height, bytes(any(ppm[at:at + 3]) for at in range(len(ppm) - 3 * width * height, len(ppm), 3))


def firmware_shows(folder, line):
    """Does the line stand on a screen of OVMF's? 100 columns in the middle, letters of 8 by 19 pixels."""
    width, height, lit = _lit(_shot(folder))
    first = (width - 100 * WIDTH) // 2
    for y in range(height - 19):
        cells = [b"".join(lit[at:at + WIDTH] for at in range(y * width + x, (y + 19) * width + x, width))
                 for x in range(first, first + WIDTH * len(line), WIDTH)]
        if len(set(cells)) == len(set(line)) == len(set(zip(cells, line))):
            return True
    return False


def _text(ppm, letters):
    """What is no letter of ours (the firmware's are others) stands as '~'."""
    width, height, lit = _lit(ppm)

    def cell(row, column):
        at = row * HEIGHT * width + column * WIDTH
        return bytes(sum(lit[at + y * width + x] << 7 - x for x in range(WIDTH)) for y in range(HEIGHT))

    return "\n".join("".join(letters.get(cell(row, column), "~") for column in range(width // WIDTH)).rstrip()
                     for row in range(height // HEIGHT))
