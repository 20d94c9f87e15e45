"""How time and memory grow: more files, stages, steps, images, bytes, builds at once, and a registry that is far away.

bench.py measures them, one run a point, interleaved. A builder that needed longer than a minute for a point is not asked for the next.
"""
import asyncio, html, math, os, pathlib, shutil, threading

# Seconds.
PATIENCE = 60
# Milliseconds there and back to the registry that is far away.
FAR = 25
COLORS = {"distill": "#cf222e", "buildah": "#54aeff", "buildah-newest": "#0969da", "podman": "#8250df", "docker": "#d4a72c",
          "docker-newest": "#9a6700", "skopeo": "#4ac26b", "skopeo-newest": "#1a7f37"}


class FarRegistry:
    """A way to a server on the loopback interface that takes as long as one through a country."""

    def __init__(self, target):
        self.host, self.port = target.split(":")
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self.serve, args=(ready,), daemon=True).start()
        ready.wait()

    def serve(self, ready):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self.accept, "127.0.0.1", 0, limit=1 << 20))
        self.address = "127.0.0.1:%d" % server.sockets[0].getsockname()[1]
        ready.set()
        self.loop.run_forever()

    async def accept(self, reader, writer):
        # A connection is there after one way to and one way from.
        await asyncio.sleep(FAR / 1000)
        try:
            there, back = await asyncio.open_connection(self.host, self.port, limit=1 << 20)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.carry(reader, back), self.carry(there, writer))

    async def carry(self, source, target):
        pieces = asyncio.Queue(256)

        async def take():
            while piece := await source.read(1 << 18):
                await pieces.put((self.loop.time() + FAR / 2000, piece))
            await pieces.put((self.loop.time() + FAR / 2000, b""))

        async def give():
            while True:
                due, piece = await pieces.get()
                await asyncio.sleep(max(0, due - self.loop.time()))
                if not piece:
                    break
                target.write(piece)
                await target.drain()
            target.close()

        await asyncio.gather(take(), give(), return_exceptions=True)


class Growth:
    def __init__(self, bench, make, registry):
        """`make` has what makes contexts: `files(directory, count)` and `write(path, text)`."""
        self.bench, self.make, self.registry, self.curves = bench, make, registry, []

    def curve(self, title, unit, points, function, of_registry=False):
        """`function` gets a builder and a point, and returns wall, CPU and memory; nothing where the builder would need too long."""
        rows, tired = [], set()
        for point in points:
            row = {}
            for builder in self.bench.builders:
                if builder.name in tired or builder.name.startswith("skopeo") and not of_registry:
                    continue
                try:
                    result = function(builder, point)
                    if result is None:
                        tired.add(builder.name)
                        continue
                    row[builder.name] = result
                except Exception as failure:
                    print(f"bench: {title}, {point}: {failure}", flush=True)
                    tired.add(builder.name)
                    continue
                if row[builder.name][0] > PATIENCE:
                    tired.add(builder.name)
            rows.append((point, row))
            print(f"{title}, {point:,} {unit}: " + "  ".join(f"{name} {wall:.2f} s {memory / 1e6:.0f} MB" for name, (wall, _, memory) in row.items()), flush=True)
        self.curves.append((title, unit, rows))

    def context(self, name):
        place = os.path.join(self.bench.contexts, f"growth-{name}")
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        return place

    def run(self):
        write, bench = self.make.write, self.bench
        first = {}

        def files(builder, count):
            place = self.context("files")
            shutil.rmtree(place)
            self.make.small_files(place, count)
            os.sync()
            result = builder.measure(("build_cold", place, "localhost/growing"))
            first[builder.name] = builder.measure(("build_warm", place, "localhost/growing"))
            return result

        def twice(title, unit, points, function):
            """A curve of first builds, and one of the same builds where nothing changed."""
            unchanged = {point: {} for point in points}

            def measured(builder, point):
                result = function(builder, point)
                unchanged[point][builder.name] = first[builder.name]
                return result

            self.curve(f"{title}, first build", unit, points, measured)
            self.curves.append((f"{title}, nothing changed", unit, list(unchanged.items())))

        def text(name, lines):
            def build(builder, count):
                place = self.context(name)
                write(f"{place}/Dockerfile", lines(count))
                for number in range(8):
                    write(f"{place}/file-{number}", f"{builder.name} {count} {number}\n")
                result = builder.measure(("build_cold", place, "localhost/growing"))
                first[builder.name] = builder.measure(("build_warm", place, "localhost/growing"))
                return result
            return build

        def stages(count):
            made = "".join(f"FROM localhost/small-base AS s{number}\nCOPY file-{number % 8} /made-{number}\n" for number in range(count))
            return made + "FROM scratch\n" + "".join(f"COPY --from=s{number} /made-{number} /\n" for number in range(count))

        def steps(count):
            return "FROM localhost/small-base\n" + "".join(f"RUN echo {number} > /made-{number}\n" for number in range(count))

        twice("Files", "files", [2_000, 20_000, 200_000], files)
        twice("Stages", "stages", [10, 40, 120], text("stages", stages))
        twice("RUN steps", "steps", [10, 50, 200], text("steps", steps))

        images = {}

        def listed(builder, count):
            # Others need minutes to make more.
            if count > 100 and builder.name != "distill":
                return None
            place = self.context("images")
            for index in range(images.get(builder.name, 0), count):
                write(f"{place}/Dockerfile", f"FROM scratch\nLABEL grown={index}\nCOPY Dockerfile /\n")
                builder.call("build_warm", place, f"localhost/grown-{index}")
            images[builder.name] = count
            return builder.measure(("list",))

        def together(builder, count):
            places = []
            for number in range(count):
                place = self.context(f"together-{number}")
                write(f"{place}/Dockerfile", "FROM localhost/small-base\nCOPY files /files\nRUN echo 1 > /one\nRUN echo 2 > /two\n")
                self.make.small_files(f"{place}/made", 2_000)
                os.rename(f"{place}/made/files", f"{place}/files")
                write(f"{place}/files/own", f"{builder.name} {number} {count}\n")
                places.append(place)
            os.sync()
            builds = " ".join(f"build_cold {place} localhost/together-{number} &" for number, place in enumerate(places))
            return builder.measured(f". \"$0\"; {builds} wait")

        def bytes_of(builder, megabytes):
            place = self.context("bytes")
            write(f"{place}/Dockerfile", "FROM scratch\nCOPY data /data\n")
            with open(f"{place}/data", "wb") as file:
                for _ in range(megabytes):
                    file.write(os.urandom(1 << 19) + bytes(1 << 19))
            os.sync()
            result = builder.measure(("build_cold", place, "localhost/growing"))
            shutil.rmtree(place)
            return result

        self.curve("Images, listed", "images", [10, 100, 1_000], listed)
        self.curve("Builds at once", "builds", [1, 2, 4, 8], together)
        self.curve("One layer", "MB", [256, 1_024, 4_096] if os.environ.get("BENCH_LARGE") else [256, 1_024], bytes_of)
        if self.registry and self.registry.address:
            far = FarRegistry(self.registry.address)
            maker = next(builder for builder in bench.builders if builder.name == "distill")

            def layered(builder, count):
                place = self.context("layers")
                for number in range(count):
                    with open(f"{place}/{number}", "wb") as file:
                        file.write(os.urandom(1 << 20))
                write(f"{place}/Dockerfile", "FROM scratch\n" + "".join(f"COPY {number} /\n" for number in range(count)))
                maker.call("build_warm", place, "localhost/eight")
                archive = f"{place}/archive.tar"
                maker.call("save_docker", "localhost/eight", archive)
                builder.call("prepare", archive, "localhost/eight")
                return f"{far.address}/{builder.name}-{count}:1"

            pulled = {}

            def push(builder, count):
                name = layered(builder, count)
                builder.call("tag", "localhost/eight", name)
                result = builder.measure(("push", "localhost/eight", name))
                builder.call("forget_pulled")
                pulled[builder.name, count] = builder.measure(("pull", name))
                return result

            points = [1, 8, 32]
            self.curve(f"Pushed to a registry {FAR} ms away", "layers of 1 MB", points, push, of_registry=True)
            rows = [(point, {name: value for (name, count), value in pulled.items() if count == point}) for point in points]
            self.curves.append((f"Pulled from a registry {FAR} ms away", "layers of 1 MB", rows))

    def report(self):
        """Tables in Markdown."""
        names = [builder.name for builder in self.bench.builders]
        result = []
        for title, unit, rows in self.curves:
            shown = [name for name in names if any(name in row for _, row in rows)]
            result += [f"## {title}", "", f"| {unit} | " + " | ".join(shown) + " |", "|---" * (len(shown) + 1) + "|"]
            for point, row in rows:
                cells = [f"{shown_seconds(row[name][0])} ({row[name][2] / 1e6:.0f})" if name in row else "–" for name in shown]
                result.append(f"| {point:,} | " + " | ".join(cells) + " |")
            result.append("")
        return "\n".join(result)

    def draw(self, picture):
        """Both axes are logarithmic; each chart has its own."""
        width, height, across = 300, 200, 3
        rows = math.ceil(len(self.curves) / across)
        shown = [name for name in COLORS if any(name in row for _, _, points in self.curves for _, row in points)]
        parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width * across} {rows * height + 40}" font-family="sans-serif" font-size="11">',
                 '<title>Seconds as the work grows</title><rect width="100%" height="100%" fill="#ffffff"/>']
        for index, name in enumerate(shown):
            parts.append(f'<circle cx="{14 + 112 * index}" cy="16" r="5" fill="{COLORS[name]}"/><text x="{22 + 112 * index}" y="20">{name}</text>')
        for index, (title, unit, points) in enumerate(self.curves):
            parts += self.chart(title, unit, points, shown, (index % across * width + 44, index // across * height + 64, width - 70, height - 70))
        pathlib.Path(picture).write_text("\n".join(parts + ["</svg>"]) + "\n")

    @staticmethod
    def chart(title, unit, points, shown, place):
        left, top, width, height = place
        seconds = [row[name][0] for _, row in points for name in row] or [1]
        low, high = min(seconds) / 1.3, max(seconds) * 1.3
        ends = points[0][0], points[-1][0]
        x = lambda value: left + width * math.log(value / ends[0]) / math.log(ends[1] / ends[0])
        y = lambda value: top + height - height * math.log(value / low) / math.log(high / low)
        parts = [f'<text x="{left}" y="{top - 10}" font-weight="bold">{html.escape(title)}</text>',
                 f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#d1d9e0"/>']
        for tick in (10 ** power for power in range(-3, 4)):
            if low <= tick <= high:
                parts.append(f'<line x1="{left}" x2="{left + width}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#d1d9e0"/>'
                             f'<text x="{left - 5}" y="{y(tick) + 4:.1f}" text-anchor="end" fill="#59636e">{tick:g} s</text>')
        for point, _ in points:
            parts.append(f'<text x="{x(point):.1f}" y="{top + height + 14}" text-anchor="middle" fill="#59636e">{point:,}</text>')
        parts.append(f'<text x="{left + width}" y="{top + height + 27}" text-anchor="end" fill="#59636e">{html.escape(unit)}</text>')
        for name in shown:
            line = [(x(point), y(row[name][0])) for point, row in points if name in row]
            parts.append(f'<polyline points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in line)}" fill="none" stroke="{COLORS[name]}" stroke-width="2"/>')
            parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{COLORS[name]}"/>' for a, b in line]
        return parts


def shown_seconds(value):
    return f"{value:.3f}" if value < 1 else f"{value:.1f}"
