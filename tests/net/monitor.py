"""QEMU's monitor: what a machine looks like from outside (QMP)."""
import json
import socket


def words(folder):
    """QEMU's options for one."""
    return ["-qmp", f"unix:{_path(folder)},server=on,wait=off"]


def _path(folder):
    return folder / "qmp"


def execute(folder, command, **arguments):
    """What the command returns."""
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(10)
        one.connect(str(_path(folder)))
        lines = one.makefile("rw")
        for asked, its in (("qmp_capabilities", {}), (command, arguments)):
            lines.write(json.dumps({"execute": asked, "arguments": its}) + "\n")
            lines.flush()
            while "return" not in (answer := json.loads(lines.readline())):
                assert "error" not in answer, answer
    return answer["return"]


def human(folder, command):
    """The text that a command of the human monitor prints."""
    return execute(folder, "human-monitor-command", **{"command-line": command}).replace("\r", "")
