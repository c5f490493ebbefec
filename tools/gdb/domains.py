"""gdb: the symbols of each domain of moxie-linux, from the moment it is there.

usage: gdb -x tools/gdb/domains.py --args build/moxie-linux OPTIONS; then `break forward` and `run`.
A domain that is restarted is found anew. BUILD/domains/IMAGE.elf.debug has the symbols; BUILD is where
the program lies. A fault of a domain stops here first; `continue` hands it to the executive.
"""
import os

import gdb


class Told(gdb.Breakpoint):
    """Where the program says that a domain is about to run: symbols_told in symbols.h."""

    def __init__(self):
        # At its first byte the arguments are still where the calling convention has them.
        super().__init__("*symbols_told", internal=True)
        self.silent = True
        self.loaded = {}

    def stop(self):
        domain, image, base = (gdb.parse_and_eval(one) for one in
                               ("(const char *)$rdi", "(const char *)$rsi", "(unsigned long)$rdx"))
        self.add(domain.string(), image.string(), int(base))
        return False

    def add(self, domain, image, base):
        build = os.path.dirname(gdb.objfiles()[0].filename)
        file = os.path.join(build, "domains", f"{image}.elf.debug")
        if not os.path.exists(file):
            print(f"no symbols for {domain}: {file} is missing")
            return
        if base in self.loaded:
            gdb.execute(f"remove-symbol-file {self.loaded[base]}", to_string=True)
        gdb.execute(f"add-symbol-file {file} -o {base:#x}", to_string=True)
        self.loaded[base] = f"-a {self.text(base)}"
        print(f"{domain}: {image}.elf at {base:#x}")

    @staticmethod
    def text(base):
        """An address in the image that was added: its entry."""
        entry = gdb.parse_and_eval(f"*(unsigned long *)({base:#x} + 24)")
        return f"{base + int(entry):#x}"


gdb.execute("set confirm off")
gdb.execute("set breakpoint pending on")
gdb.execute("set pagination off")
gdb.execute("handle SIG34 nostop noprint pass")  # SIGRTMIN: the executives' ticks
Told()
