"""The site that the tests serve, packed into a bundle of its own by tools/bundle."""
import hashlib
import random
import subprocess


class Site:
    """files: {path: bytes}; bundle: the archive. more: further files."""

    def __init__(self, root, build, scratch, more=()):
        self.root, self.build, self.scratch = root, build, scratch
        noise = random.Random(2)
        self.files = {
            "index.html": b"<!doctype html><title>test</title><p>hello\n",
            "1k.bin": noise.randbytes(1024),
            "100k.bin": noise.randbytes(100 * 1024),
            "10m.bin": noise.randbytes(10 << 20),
            "empty.txt": b"",
            "sub/index.html": b"<p>below\n",
            "sub/a b.txt": b"a name with a space\n",
            **dict(more),
        }
        self.folder = scratch / "www"
        for path, data in self.files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.exists() or file.read_bytes() != data:
                file.write_bytes(data)
        self.bundle = self.pack("bundle.cpio", root / "config" / "appliance.conf")

    def sha256(self, path):
        return hashlib.sha256(self.files[path]).hexdigest()

    def pack(self, name, config):
        """A bundle with this site and that configuration."""
        out = self.scratch / name
        images = sorted(str(image) for image in (self.build / "domains").glob("*.elf"))
        subprocess.run([self.root / "tools" / "bundle", out, self.folder, config, *images],
                       check=True, timeout=60)
        return out
