"""The figures as text, in Markdown."""
COLUMNS = ("moved", "moves", "pause, ms: median / 99 % / most", "no packet, ms: median / 99 % / most",
           "probes sent", "lost", "of these by the host's taps", "doubled", "reordered", "TCP lives",
           "web: requests, errors", "TCP, Mbit/s")


def _three(one):
    return f"{one['median']:.2f} / {one['p99']:.2f} / {one['most']:.2f}" if one else ""


def moves(report):
    rows = [COLUMNS, ["---"] * len(COLUMNS)]
    for name, s in report.items():
        rows.append((name, str(s["moves"]), _three(s["pause"]), _three(s["gap"]), str(s["sent"]),
                     str(s["lost"]), str(s["dropped"]), str(s["doubled"]), str(s["reordered"]),
                     "yes" if s["alive"] else "NO", f"{s['web']['requests']}, {s['web']['errors']}",
                     str(s["mbits"])))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def recovery(report):
    return (f"TCP through the router, Mbit/s: {report['before']} before, {report['beside']} with the busy "
            f"application beside the path, {report['after']} after the policy moved it, "
            f"{report['seconds']} s later.")
