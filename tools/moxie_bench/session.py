"""One run of the benchmark: all guests live side by side, and take turns row by row.

Rules: what fails is told, with all that the guest can still say in a file beside the build, and
its guest is booted anew; the others go on.
"""
import contextlib
import traceback

from moxie.appliance import Failure

from .figures import Run

ASK = (("show counters", r"^counters end$"), ("show frames", r"^frames end$"),
       ("show domains", r"^domains end$"))


def _why(error):
    """A Failure tells its own story; anything else is a surprise."""
    if isinstance(error, Failure):
        return str(error)
    return f"{type(error).__name__}: {error}\n" + "".join(traceback.format_exception(error))


class Place:
    """A guest and the bed in which it runs now, if it does."""

    def __init__(self, guest, session):
        self.guest, self.session = guest, session
        self.stack, self.bed, self.known = contextlib.ExitStack(), None, {}

    def boot(self):
        self.known = {}
        try:
            with contextlib.ExitStack() as stack:
                bed = stack.enter_context(self.guest.bed(self.session.args.qemu))
                self.guest.ready(bed)
                self.stack, self.bed = stack.pop_all(), bed
        except Exception as error:  # whatever it is: the other guests go on
            self.session.failed("boot", self, "", error)

    def end(self):
        """The guest's own way to end must work, too."""
        try:
            if self.bed:
                self.guest.end(self.bed)
        except Exception as error:  # as above
            self.session.failed("end", self, "", error)
        self.kill()

    def kill(self):
        self.stack.close()
        self.bed = None

    def last_words(self):
        """What the guest and the hosts around it can tell."""
        yield self.bed.guest.report()
        for side in ("lan", "wan"):
            yield self.bed.run(side, "ip", "-s", "link", check=False)
            yield self.bed.run(side, "ss", "-tin", check=False)
        if self.guest.kind != "linux":
            yield from (self.bed.guest.command(*words) for words in ASK)


class Session:
    """args: those of tools/bench."""

    def __init__(self, guests, rows, args, out):
        self.rows, self.args, self.out = rows, args, out
        self.places = [Place(guest, self) for guest in guests]
        self.first = True

    def run(self):
        for old in (self.args.build / "bench").glob("failed-*.txt"):
            old.unlink()
        for n in range(self.args.rounds):
            print(f"round {n + 1} of {self.args.rounds}", flush=True)
            self._round()
            self.first = False
            self.places.append(self.places.pop(0))  # nobody is always first

    def _round(self):
        try:
            for place in self.places:
                place.boot()
            for row in self.rows:
                for place in self.places:
                    self._row(row, place)
        finally:
            for place in self.places:
                place.end()

    def _row(self, row, place):
        if row.once and not self.first or not row.priced and place.guest.kind == "flat":
            return
        for setting in self._settings(row, place.guest):
            if not place.bed:
                self.out.fail(row.name, place.guest, setting, "the guest does not run")
                return
            try:
                self._measure(row, place, setting)
            except Exception as error:  # a row that fails must not lose the others
                self.failed(row.name, place, setting, error)
                place.kill()
                place.boot()

    def _settings(self, row, guest):
        """All in the first round; then, to save time, the one that did best in it."""
        if not row.tuned:
            return list(guest.settings)[:1]
        best = self.out.best(row, 0, guest)
        return [best["setting"]] if best else list(guest.settings)

    def _measure(self, row, place, setting):
        if row.service and not place.bed.offers(row.service):
            self.out.lacks(row, place.guest, "not offered")
            return
        if row.tuned:
            place.guest.tune(place.bed, setting)
        run = Run(place.bed, self.args.seconds, self.args.build, place.guest, self.args.qemu,
                  place.known)
        values = row.measure(run, **row.words)
        self.out.add(row, place.guest, setting, values)
        shown = "  ".join(f"{v:.{f.digits}f} {f.unit}" for v, f in zip(values, row.figures))
        print(f"  {row.name:14} {place.guest.name:8} {setting:10} {shown}", flush=True)

    def failed(self, name, place, setting, error):
        why = _why(error)
        self.out.fail(name, place.guest, setting, why)
        path = self.args.build / "bench" / f"failed-{name}-{place.guest.name}.txt"
        with open(path, "w", encoding="utf-8") as file:
            file.write(why + "\n")
            with contextlib.suppress(Exception):  # a dead guest has no last words
                for words in place.last_words() if place.bed else ():
                    file.write(words + "\n")
        print(f"  {name:14} {place.guest.name:8} {setting:10} FAILED, see {path}: "
              f"{why.strip().splitlines()[0]}", flush=True)
