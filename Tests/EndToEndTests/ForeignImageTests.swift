import TestSupport
import Testing

/// Images that other programs wrote: their layers are bytes that no writer of ours makes.
@Suite(.requires(.root), .requires(.program("crun")), .requires(.program("busybox"))) struct ForeignImageTests {
    private static let used = Distill.foreignImage + "$D load -qi foreign.tar; $D run --rm foreign\n"

    @Test(
        .requires(.program("skopeo")),
        arguments: [
            ("saved plain", "$D save --compression uncompressed -o out.tar foreign"),
            ("saved as zstd", "$D save --compression zstd -o out.tar foreign"),
            ("saved as it is", "$D save -o out.tar foreign"),
            (
                "built upon and packed anew",
                """
                printf 'FROM foreign\\nCOPY config.json /d\\nRUN ["busybox", "touch", "/e"]\\n' > Dockerfile
                $D build -q --check=off --output type=docker,dest=out.tar,compression=zstd,force-compression=true .
                """
            ),
            (
                "out of a build cache",
                """
                printf 'FROM foreign\\nRUN ["busybox", "touch", "/e"]\\n' > Dockerfile
                $D build -q --check=off --cache-to type=local,dest=cache,mode=max,compression=uncompressed,force-compression=true .
                $D build -q --check=off --output type=docker,dest=out.tar,compression=uncompressed,force-compression=true .
                """
            ),
        ])
    func leaveAsTheyCame(what: String, command: String) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                Self.used + command + """

                    skopeo copy -q --insecure-policy docker-archive:out.tar dir:copy || skopeo copy -q --insecure-policy oci-archive:out.tar dir:copy
                    rm -r "$DISTILL_ROOT"; $D load -qi out.tar; $D images -q > ids; $D run --rm "$(cat ids)" busybox cat /a/b/c
                    """)
            #expect(outcome.succeeded && outcome.output.hasSuffix("x\n"), "\(what): \(outcome)")
        }
    }

    @Test func areNotCalledDamaged() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                Self.used + """
                    for i in 1 2 3; do $D system check; done
                    $D run --rm foreign busybox cat /a/b/c
                    echo changed > "$DISTILL_ROOT"/layers/*/fs/a/b/c
                    $D system check
                    $D run --rm foreign busybox cat /a/b/c
                    $D system check
                    """)
            #expect(outcome.succeeded, "\(outcome)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.filter { $0.hasSuffix("nothing is wrong.") }.count == 4, "\(outcome)")
            #expect(
                lines.filter { $0.contains("its bytes are not what they should be; repaired") }.count == 1, "\(outcome)"
            )
            #expect(lines.filter { $0 == "x" }.count == 2, "\(outcome)")
        }
    }

    /// A machine that runs out of descriptors has no bad images, and loses none.
    @Test func areNotBlamedForTheMachine() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                Distill.foreignImage + """
                    $D load -qi foreign.tar
                    for n in 8 9 10 11 12 13 14 15 16 18 20 24; do
                        (ulimit -n $n; $D run --rm foreign) 2> error || true
                        fails grep 'cannot be unpacked' error
                        (ulimit -n $n; $D system check) > said 2> error || true
                        fails grep -E 'removed|damaged|should be|cannot be read' said
                    done
                    $D system check; $D run --rm foreign busybox cat /a/b/c
                    """)
            #expect(outcome.succeeded && outcome.output.hasSuffix("nothing is wrong.\nx\n"), "\(outcome)")
        }
    }

    @Test func haveTheTagThatTheyLack() async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                Distill.foreignImage + """
                    $D load -i foreign.tar; $D run --rm foreign; $D run --rm foreign:latest; $D images --format '{{.Repository}}:{{.Tag}}'
                    """)
            #expect(
                outcome.succeeded && outcome.output == "Loaded image: foreign:latest\nforeign:latest\n", "\(outcome)")
        }
    }

    /// Layers packed by programs that no media type stands for come as plain ones.
    @Test(arguments: ["gzip", "zstd", "xz", "bzip2"])
    func mayBePackedInAnyWay(program: String) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                Distill.foreignImage + """
                    \(program) < foreign.layer > packed; mv packed foreign.layer
                    tar -cf foreign.tar config.json manifest.json foreign.layer
                    $D load -qi foreign.tar; $D save --format oci -o out.tar foreign; $D run --rm foreign busybox cat /a/b/c
                    rm -r "$DISTILL_ROOT"; $D load -qi out.tar; $D run --rm foreign busybox cat /a/b/c
                    """)
            #expect(outcome.succeeded && outcome.output == "x\nx\n", "\(outcome)")
        }
    }

    @Test(.requires(.program("python3"))) func mayBeNamedByOtherDigests() async throws {
        let rename = """
            import hashlib, json, os
            os.makedirs("l/blobs/sha512")
            def renamed(descriptor, content=None):
                path = "l/blobs/" + descriptor["digest"].replace(":", "/")
                content = content or open(path, "rb").read()
                os.remove(path)
                name = hashlib.sha512(content).hexdigest()
                open("l/blobs/sha512/" + name, "wb").write(content)
                return {**descriptor, "digest": "sha512:" + name, "size": len(content)}
            index = json.load(open("l/index.json"))
            manifest = json.load(open("l/blobs/" + index["manifests"][0]["digest"].replace(":", "/")))
            manifest["config"] = renamed(manifest["config"])
            manifest["layers"] = [renamed(layer) for layer in manifest["layers"]]
            index["manifests"] = [renamed(index["manifests"][0], json.dumps(manifest).encode())]
            json.dump(index, open("l/index.json", "w"))
            """
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                Distill.foreignImage + """
                    $D load -qi foreign.tar; $D save --format oci -o o.tar foreign; mkdir l; tar -xf o.tar -C l
                    python3 - <<'PYTHON'
                    \(rename)
                    PYTHON
                    tar -cf l.tar -C l .; rm -r "$DISTILL_ROOT"; $D load -qi l.tar; $D run --rm foreign; $D system check
                    printf 'FROM foreign\\nRUN ["busybox", "touch", "/x"]\\n' > Dockerfile; $D build -q -t other .; $D rmi other
                    for format in oci docker; do
                        $D save --format $format -o back.tar foreign
                        DISTILL_ROOT=$PWD/again $D load -qi back.tar; DISTILL_ROOT=$PWD/again $D run --rm foreign busybox cat /a/b/c
                    done
                    # A byte of a blob is another one.
                    rm -r "$DISTILL_ROOT"; for f in l/blobs/sha512/*; do cp "$f" kept; printf y >> "$f"; tar -cf bad.tar -C l .; fails $D load -qi bad.tar; cp kept "$f"; done
                    """)
            #expect(
                outcome.succeeded && outcome.output.contains("nothing is wrong") && outcome.output.hasSuffix("x\nx\n"),
                "\(outcome)")
        }
    }

    /// What is marked as gone is gone, however few layers there are.
    @Test(.requires(.program("python3")), arguments: ["tarfile.REGTYPE, 'd/.wh.gone'", "tarfile.CHRTYPE, 'd/gone'"])
    func mayHoldWhiteoutsInTheirOnlyLayer(mark: String) async throws {
        try await Distill.withStore { distill in
            let outcome = try await distill.script(
                """
                python3 - <<'PYTHON'
                import io, tarfile
                out = tarfile.open("foreign.layer", "w")
                for kind, name in [(tarfile.REGTYPE, "d/a"), (\(mark)), (tarfile.REGTYPE, "d/z")]:
                    entry = tarfile.TarInfo(name); entry.type = kind; out.addfile(entry, io.BytesIO())
                out.close()
                PYTHON
                \(Distill.imageOfLayer)
                $D load -qi foreign.tar
                printf 'FROM scratch\\nCOPY --from=foreign / /\\nCOPY --from=foreign /d/ /e/\\n' > Dockerfile
                $D build -q --check=off -t copy .; $D save --compression uncompressed -o copy.tar copy; $D save -o other.tar foreign
                $D build -q --check=off -o out . ; (cd out; find . -type f | sort); $D system check
                """)
            #expect(outcome.succeeded && outcome.output.contains("./d/a\n./d/z\n./e/a\n./e/z\n"), "\(outcome)")
            #expect(outcome.output.hasSuffix("nothing is wrong.\n"), "\(outcome)")
        }
    }
}
