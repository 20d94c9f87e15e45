#!/usr/bin/env python3
"""Draws a page's table of measurements: for each work how many times as long as Distill every other builder takes.

    python3 Benchmarks/plot.py PAGE PICTURE

bench.py calls it with the page that it has written. The axis is logarithmic; a dot left of the line is faster than Distill.
"""
import html, math, pathlib, re, sys

from growth import COLORS

LEFT, WIDTH, LINE, TOP = 400, 460, 26, 56


def rows(page):
    """Each work with the seconds of those who did it."""
    names, found = [], []
    for line in pathlib.Path(page).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells and cells[0] == "work":
            names = cells[1:-1]
        elif names and len(cells) == len(names) + 2 and not cells[0].startswith("---"):
            seconds = {name: re.match(r"[0-9.]+", cell) for name, cell in zip(names, cells[1:-1])}
            found.append((cells[0], {name: float(match[0]) for name, match in seconds.items() if match}))
    return found


def draw(found, picture):
    found = [(work, seconds) for work, seconds in found if seconds.get("distill")]
    ratios = [value / seconds["distill"] for _, seconds in found for value in seconds.values()]
    low, high = min(ratios + [0.5]), max(ratios + [2])
    place = lambda ratio: LEFT + WIDTH * math.log(ratio / low) / math.log(high / low)
    height = TOP + LINE * len(found) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 40} {height}" font-family="sans-serif" font-size="13">',
        f'<title>Seconds of other builders, with those of Distill as 1</title><rect width="100%" height="100%" fill="#ffffff"/>']
    shown = [name for name in COLORS if name != "distill" and any(name in seconds for _, seconds in found)]
    for index, name in enumerate(shown):
        parts.append(f'<circle cx="{LEFT - 300 + 110 * index}" cy="14" r="5" fill="{COLORS[name]}"/><text x="{LEFT - 300 + 110 * index + 10}" y="18">{name}</text>')
    for tick in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if low <= tick <= high:
            x = place(tick)
            parts.append(f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{height - 14}" stroke="{"#1f2328" if tick == 1 else "#d1d9e0"}"/>')
            parts.append(f'<text x="{x:.1f}" y="{TOP - 12}" text-anchor="middle" fill="#59636e">{tick:g}×</text>')
    for index, (work, seconds) in enumerate(found):
        y = TOP + LINE * index + 10
        parts.append(f'<text x="{LEFT - 12}" y="{y + 4}" text-anchor="end">{html.escape(work)}</text>')
        for name in shown:
            if name in seconds:
                ratio = seconds[name] / seconds["distill"]
                parts.append(f'<circle cx="{place(ratio):.1f}" cy="{y}" r="5" fill="{COLORS[name]}"><title>{name}: {ratio:.1f}×</title></circle>')
    pathlib.Path(picture).write_text("\n".join(parts + ["</svg>"]) + "\n")


if __name__ == "__main__":
    draw(rows(sys.argv[1]), sys.argv[2])
