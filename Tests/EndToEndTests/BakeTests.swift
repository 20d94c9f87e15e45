import TestSupport
import Testing

/// Bake files that are built, not only read.
@Suite(.requires(.root), .requires(.program("busybox"))) struct BakeTests {
    private static let file = """
        group "default" { targets = ["app"] }
        target "base" {
          context = "ctx"
          dockerfile-inline = "FROM scratch\\nADD base.tar /\\nRUN cat /proc/sys/kernel/random/uuid >/stamp\\n"
        }
        target "app" {
          name = n
          matrix = { n = ["one", "two"] }
          contexts = { base = "target:base" }
          dockerfile-inline = <<E
        FROM base
        # WHO is greeted
        ARG WHO=world
        RUN echo ${n} >/name
        CMD ["cat", "/name", "/stamp"]
        E
          tags = ["t/${n}:1"]
        }
        target "bad" {
          dockerfile-inline = "FROM scratch\\nRUNN x\\n"
        }
        target "host" {
          inherits = ["base"]
          network = "host"
        }

        """

    /// One after another, in one store.
    private static let script = """
        b() { \(Distill.binary) bake "$@" 2>err || { echo "bake $?"; cat err; }; }
        mkdir -p r/bin ctx
        cp "$(command -v busybox)" r/bin
        for a in sh cat echo; do ln -s busybox r/bin/$a; done
        tar -C r -cf ctx/base.tar .
        b --metadata-file m.json
        for n in one two; do \(Distill.binary) run --rm t/$n:1; done >names
        grep -c . names; sort -u names | grep -c .; head -1 names
        grep -c '"containerimage.digest"' m.json
        \(Distill.binary) images | grep -c t/
        b --progress plain; grep -c CACHED err
        b --print --set one.args.A=1 one | grep -A1 args
        b bad
        b bad --check
        b host
        b host --allow network.host
        b nothing
        b one --call outline
        b one --call targets,format=json | grep -c '"base"'
        b --call nothing
        b app bad; \(Distill.binary) images | grep -c t/
        """

    @Test func targetsAreBuilt() async throws {
        var outcome: Command.Outcome?
        try await Distill.withStore { distill in
            try Files.write(Self.file, to: "\(distill.directory)/docker-bake.hcl")
            outcome = try await Command(
                "bash", ["-euc", "export DISTILL_ROOT=\(distill.store)\n" + Self.script],
                workingDirectory: distill.directory
            ).run()
        }
        let text = try #require(outcome).output
        #expect(
            text.hasPrefix(
                """
                4
                3
                one
                3
                2
                4
                      "args": {
                        "A": "1"
                bake 1

                """), "\(text)")
        #expect(text.contains("unknown instruction RUNN") && text.contains("UnknownInstruction"), "\(text)")
        #expect(text.contains("the target 'host' asks for network.host"), "\(text)")
        #expect(text.contains("there is no target or group 'nothing'"), "\(text)")
        #expect(
            text.contains("TARGET: (default)\n\nBUILD ARG   VALUE     DESCRIPTION\nWHO         world     is greeted"),
            "\(text)")
        #expect(text.contains("known are build, check, outline and targets"), "\(text)")
    }
}
