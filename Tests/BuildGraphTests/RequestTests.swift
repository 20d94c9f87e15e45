import BuildGraph
import OCI
import Testing

/// What the options of a build change.
@Suite struct RequestTests {
    @Test func buildArguments() {
        let text = "ARG B=1\nFROM base:$B\nARG A=2 B C\nRUN $A$B$C\nENV A=3\nARG A\nRUN x"
        let result = lowered(text) { $0.buildArguments = ["A": "a", "B": "b", "C": "c", "D": "d"] }
        #expect(result.contains("FROM docker.io/library/base:b"))
        #expect(result.contains("| ARG A=a B=b C=c"))
        #expect(result.contains("RUN x => run [\"/bin/sh\", \"-c\", \"x\"] env=[\"A=a\", \"B=b\", \"C=c\"]"))
        #expect(!result.contains("D="))
    }

    @Test func automaticArgumentsCanBeGiven() {
        let result = lowered("FROM base:$TARGETARCH$BUILDOS AS x\nARG TARGETSTAGE\nRUN y") {
            $0.buildArguments = ["BUILDOS": "plan9"]
        }
        #expect(result.contains("base:amd64plan9"))
        #expect(result.contains("TARGETSTAGE=x"))
    }

    @Test func proxiesAreNotInTheKeyUnlessDeclared() {
        let result = lowered("FROM base\nRUN a\nARG http_proxy\nRUN b") {
            $0.buildArguments = ["http_proxy": "p", "NO_PROXY": "n"]
        }
        let lines = result.split(separator: "\n")
        #expect(
            lines[1].contains("env=[] unkeyed=[\"HTTP_PROXY=p\", \"http_proxy=p\", \"NO_PROXY=n\", \"no_proxy=n\"]"))
        #expect(
            lines[2].contains("env=[\"http_proxy=p\"] unkeyed=[\"HTTP_PROXY=p\", \"NO_PROXY=n\", \"no_proxy=n\"]"))
        #expect(result.contains("| RUN |1 http_proxy=p /bin/sh -c b"))
    }

    @Test func labelsComeLast() {
        let result = lowered("FROM base AS a\nLABEL x=1 y=2\nFROM a\nLABEL z=3") { $0.labels = ["y": "Y", "w": "W"] }
        #expect(result.contains("stage a = v0 linux/amd64\n  labels [\"x=1\", \"y=2\"]"))
        #expect(result.contains("labels [\"w=W\", \"x=1\", \"y=Y\", \"z=3\"]"))
        #expect(!result.contains("| LABEL w"))
    }

    @Test func argumentsOfTheReferencesBuilder() {
        let result = lowered("FROM base\nRUN --mount=type=cache,id=c,target=/c a") {
            $0.buildArguments = ["BUILDKIT_CACHE_MOUNT_NS": "ci", "BUILDKIT_SANDBOX_HOSTNAME": "box"]
        }
        #expect(result.contains("cache(ci/c "))
        #expect(result.contains("hostname=box"))
    }

    @Test func networkIsForThoseThatNameNone() {
        let result = lowered("FROM base\nRUN a\nRUN --network=default b\nRUN --network=host c") { $0.network = .none }
        let lines = result.split(separator: "\n")
        #expect(lines[1].contains("network=none") && lines[2].contains("network=none"))
        #expect(lines[3].contains("network=host"))
    }

    @Test func platformOfTheResult() {
        let text = "FROM --platform=$BUILDPLATFORM base AS b\nFROM scratch\nCOPY --from=b /a /b"
        let result = lowered(text) { $0.platform = Platform(os: "linux", architecture: "arm64") }
        #expect(result.contains("base docker.io/library/base:latest linux/amd64"))
        #expect(result.contains("stage 1 = v1 linux/arm64"))
    }

    @Test func namedContexts() throws {
        let image = try ImageReference("example.com/mine:2")
        let text = """
            FROM alpine AS one
            FROM files AS two
            RUN --mount=from=files,target=/f x
            COPY --from=other /a /b
            FROM build:ignored AS build
            RUN never
            FROM one
            COPY --from=build / /
            COPY --from=alias / /
            """
        let result = lowered(text) {
            $0.namedContexts = [
                "alpine": .image(image), "files": .directory, "other": .directory, "build": .directory,
                "alias": .stage("TWO"),
            ]
        }
        #expect(
            result.hasPrefix(
                """
                v0 [one 1/1] FROM example.com/mine:2 => base example.com/mine:2 linux/amd64
                v1 [two 1/3] FROM files => copy files:/ -> //
                v2 on v1 [two 2/3] RUN --mount=from=files,target=/f x => run ["/bin/sh", "-c", "x"] env=[] in / bind(files:/ at /f)
                v3 on v2 [two 3/3] COPY --from=other /a /b => copy other:/a -> /b
                v4 [build 1/1] FROM build => copy build:/ -> //
                v5 on v0 [3 1/2] COPY --from=build / / => copy v4:/ -> //
                v6 on v5 [3 2/2] COPY --from=alias / / => copy v3:/ -> //
                """), "\(result)")
        #expect(
            lowered("FROM a\nCOPY --from=b / /") { $0.namedContexts = ["b": .stage("c")] }
                == "error 2:13-2:14 UnknownStage: the context 'b' is the stage 'c', which does not exist")
    }
}
