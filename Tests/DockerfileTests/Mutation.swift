import TestSupport

/// Makes many broken texts from a few good ones.
struct Mutator {
    let seeds: [[UInt8]]
    /// Pieces that mean something in the language, to be put where they are not expected.
    let pieces: [[UInt8]]
    var generator: SeededGenerator

    init(seeds: [String], pieces: [String], seed: UInt64) {
        self.seeds = seeds.map { Array($0.utf8) }
        self.pieces = pieces.map { Array($0.utf8) }
        generator = SeededGenerator(seed: seed)
    }

    mutating func next() -> [UInt8] {
        var bytes = seeds.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            let at = Int.random(in: 0...bytes.count, using: &generator)
            let end = Int.random(in: at...min(bytes.count, at + 12), using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes.removeSubrange(at..<end)
            case 1, 2: bytes.insert(contentsOf: pieces.randomElement(using: &generator) ?? [], at: at)
            case 3: bytes.insert(contentsOf: Array(bytes[at..<end]), at: at)
            case 4:
                let other = seeds.randomElement(using: &generator) ?? []
                let cut = Int.random(in: 0...other.count, using: &generator)
                bytes.replaceSubrange(at..., with: other[cut...])
            default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: at)
            }
        }
        return bytes
    }
}

/// Dockerfiles that use the whole language, for mutation and for comparison with the reference's parser.
enum Corpus {
    static let dockerfiles: [String] =
        (ParserTests.lexing + ParserTests.forms + ParserTests.copies + ParserTests.runs).map(\.text) + [
            """
            # syntax=docker/dockerfile:1
            ARG GO=1.22
            FROM --platform=$BUILDPLATFORM golang:${GO}-alpine AS build
            WORKDIR /src
            COPY go.mod go.sum ./
            RUN --mount=type=cache,target=/go/pkg/mod \\
                go mod download
            COPY . .
            RUN CGO_ENABLED=0 go build -ldflags="-s -w" -o /out/app ./cmd/app && \\
                # strip what is left
                strip /out/app

            FROM scratch
            COPY --from=build --chown=65532:65532 /out/app /app
            USER 65532
            EXPOSE 8080/tcp
            ENTRYPOINT ["/app"]
            """,
            """
            FROM debian:13 AS base
            ENV DEBIAN_FRONTEND=noninteractive LANG="C.UTF-8" \\
                PATH=/opt/bin:$PATH
            RUN <<EOF
            set -e
            apt-get update
            apt-get install -y --no-install-recommends curl
            rm -rf /var/lib/apt/lists/*
            EOF
            FROM base
            COPY <<-app.sh <<'conf' /etc/app/
            \t#!/bin/sh
            \techo $LANG
            \tapp.sh
            literal $LANG
            conf
            LABEL org.example.title="A \\"quoted\\" title" org.example.x='single $X'
            HEALTHCHECK --interval=5s --retries=2 CMD ["/bin/true"]
            ONBUILD ADD --checksum=sha256:0123 https://files.example/a.tar.gz /opt/
            SHELL ["/bin/bash", "-o", "pipefail", "-c"]
            VOLUME /data "/more data"
            STOPSIGNAL ${SIGNAL:-SIGTERM}
            CMD serve --port ${PORT:?set PORT}
            """,
        ]

    /// The files, and all their stretches of four lines: small texts are cheap, so there can be many.
    static let stretches: [String] = dockerfiles.flatMap { file -> [String] in
        let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
        return [file] + lines.indices.map { "FROM a\n" + lines[$0...].prefix(4).joined(separator: "\n") }
    }

    static let pieces = [
        "\\", "\\\n", "`", "\"", "'", "$", "${", "}", "${a:-", "${a##*", "${a//x/y}", "<<", "<<-", "<<EOF", "EOF\n",
        "\n", "\r\n",
        "#", "# escape=`\n", "[", "]", "[\"a\"", "{", "\"\\u00", "=", ",", "--", "--mount=", "--from=", "type=cache",
        "ONBUILD ",
        "RUN ", "FROM ", "AS ", "COPY ", "ENV ", "ARG ", "HEALTHCHECK ", "NONE", "\u{FEFF}", "\u{A0}", "é", "\t", " ",
        "*", "**/",
        "!", "[^a-", "?",
    ]
}
