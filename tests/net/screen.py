"""The text on the screen of a machine: QEMU's picture of it, read by the letters of build/font.bin."""
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


def _text(ppm, letters):
    """What is no letter of ours (the firmware's are others) stands as '~'."""
    _, width, height = ppm.split(maxsplit=3)[:3]
    width, height = int(width), int(height)
    lit = bytes(any(ppm[at:at + 3]) for at in range(len(ppm) - 3 * width * height, len(ppm), 3))

    def cell(row, column):
        at = row * HEIGHT * width + column * WIDTH
        return bytes(sum(lit[at + y * width + x] << 7 - x for x in range(WIDTH)) for y in range(HEIGHT))

    return "\n".join("".join(letters.get(cell(row, column), "~") for column in range(width // WIDTH)).rstrip()
                     for row in range(height // HEIGHT))
