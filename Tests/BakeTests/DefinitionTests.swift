import Bake
import Dockerfile
import OCI
import Testing

/// Files → what is built; the expected documents are those of `buildx bake --print` 0.29.
@Suite struct DefinitionTests {
    private static func selection(
        _ files: [(name: String, text: String)], _ names: [String] = [], set: [String] = [],
        environment: [String: String] = [:]
    ) throws -> BakeSelection {
        let surroundings = BakeSurroundings(environment: environment, composeEnvironment: environment, now: 0)
        let definition = try BakeDefinition(files.map { SourceFile(name: $0.name, text: $0.text) }, surroundings)
        return try BakeSelection(names, of: definition, overrides: set)
    }

    private static func reason(_ text: String, _ names: [String] = [], set: [String] = []) -> BakeError.Reason? {
        do { _ = try selection([("docker-bake.hcl", text)], names, set: set) } catch let error as BakeError {
            return error.reason
        } catch { return nil }
        return nil
    }

    private func json(_ text: String) throws -> JSON { try JSON.parse(text) }

    @Test func fileOfAllAttributesIsShownAsBuildxShowsIt() throws {
        let file = """
            variable "TAG" { default = "latest" }
            group "default" { targets = ["app", "db"] }
            target "base" {
              args = { A = "1", B = null, C = "x${TAG}y" }
              labels = { "org.x" = "v" }
              cache-from = ["type=registry,ref=user/app:cache", "user/foo", "type=local,src=/tmp/c"]
              cache-to = ["type=local,dest=/tmp/c,mode=max", "type=inline"]
              secret = ["id=tok,env=TOK", "id=f,src=./a"]
              ssh = ["default"]
              output = ["type=docker", "./out", "type=oci,dest=/tmp/x.tar,compression=zstd", "type=image,push=true"]
              attest = ["type=provenance,mode=max", "type=sbom,disabled=true"]
              annotations = ["index:foo=bar", "a=b"]
            }
            target "app" {
              inherits = ["base"]
              dockerfile = "app.Dockerfile"
              contexts = { src = "target:lib", other = "docker-image://alpine", e = "" }
              tags = ["app:${TAG}", "app:x"]
              platforms = ["linux/amd64","linux/arm64"]
              no-cache-filter = ["a"]
              pull = true
              network = "host"
              shm-size = "128m"
              ulimits = ["nofile=1024:1024"]
              call = "check"
              entitlements = ["security.insecure"]
              extra-hosts = { h = "1.2.3.4" }
              target = "t"
              description = "Desc"
            }
            target "lib" {
              dockerfile-inline = <<EOT
            FROM scratch
            ENV X="$${FOO} ${TAG}"
            EOT
            }
            target "db" {
              name = "db-${item.a}-${v}"
              matrix = { item = [{a="p"},{a="q"}], v = ["1","2"] }
              dockerfile = "${item.a}"
            }
            """
        let expected = """
            {"group": {"db": {"targets": ["db-p-1", "db-q-1", "db-p-2", "db-q-2"]}, "default": {"targets": ["app", "db"]}},
            "target": {"app": {"description": "Desc", "annotations": ["index:foo=bar", "a=b"],
            "attest": [{"mode": "max", "type": "provenance"}, {"disabled": true, "type": "sbom"}], "context": ".",
            "contexts": {"other": "docker-image://alpine", "src": "target:lib"}, "dockerfile": "app.Dockerfile",
            "args": {"A": "1", "C": "xlatesty"}, "labels": {"org.x": "v"}, "tags": ["app:latest", "app:x"],
            "cache-from": [{"ref": "user/app:cache", "type": "registry"}, {"ref": "user/foo", "type": "registry"},
            {"src": "/tmp/c", "type": "local"}],
            "cache-to": [{"dest": "/tmp/c", "mode": "max", "type": "local"}, {"type": "inline"}], "target": "t",
            "secret": [{"id": "tok", "env": "TOK"}, {"id": "f", "src": "./a"}], "ssh": [{"id": "default"}],
            "platforms": ["linux/amd64", "linux/arm64"],
            "output": [{"type": "docker"}, {"dest": "./out", "type": "local"},
            {"compression": "zstd", "dest": "/tmp/x.tar", "type": "oci"}, {"push": "true", "type": "image"}],
            "pull": true, "network": "host", "no-cache-filter": ["a"], "shm-size": "128m", "ulimits": ["nofile=1024:1024"],
            "call": "check", "entitlements": ["security.insecure", "network.host"], "extra-hosts": {"h": "1.2.3.4"}},
            "db-p-1": {"context": ".", "dockerfile": "p"}, "db-p-2": {"context": ".", "dockerfile": "p"},
            "db-q-1": {"context": ".", "dockerfile": "q"}, "db-q-2": {"context": ".", "dockerfile": "q"},
            "lib": {"context": ".", "dockerfile": "Dockerfile",
            "dockerfile-inline": "FROM scratch\\nENV X=\\"$${FOO} latest\\"\\n", "output": [{"type": "cacheonly"}]}}}
            """
        let selection = try Self.selection([("docker-bake.hcl", file)])
        #expect(selection.json == (try json(expected)))
        #expect(selection.order == ["lib", "app", "db-p-1", "db-q-1", "db-p-2", "db-q-2"])
    }

    @Test func fileOfComposeIsShownAsBuildxShowsIt() throws {
        let file = """
            services:
              web:
                image: me/web
                environment: {X: fromenv}
                deploy: {replicas: 2}
                build:
                  context: ./web
                  dockerfile: D
                  args: {A: 1, B: "${FOO:-d}", X: }
                  additional_contexts: {l: "service:lib.x", z: ./z}
                  secrets: [tok, {source: f, target: f}]
                  ssh: [default]
                  extra_hosts: ["h:1.2.3.4"]
                  cache_from: [a/b, "type=local,src=x"]
                  cache_to: ["type=inline"]
                  labels: {a: b}
                  provenance: mode=max
                  sbom: true
                  x-bake:
                    tags: [t1, t2]
                    platforms: linux/amd64 linux/arm64
                    output: type=docker
                    no-cache: true
                    contexts: {q: docker-image://x}
              lib.x:
                build: .
              img: {image: foo}
            secrets:
              tok: {environment: T}
              f: {file: ./f.txt}
            """
        let expected = """
            {"group": {"default": {"targets": ["lib_x", "web"]}},
            "target": {"lib_x": {"context": ".", "dockerfile": "Dockerfile"},
            "web": {"attest": [{"type": "sbom"}, {"mode": "max", "type": "provenance"}], "context": "web",
            "contexts": {"l": "target:lib_x", "q": "docker-image://x", "z": "z"}, "dockerfile": "D",
            "args": {"A": "1", "B": "d", "X": "fromenv"}, "labels": {"a": "b"}, "tags": ["t1", "t2"],
            "cache-from": [{"ref": "a/b", "type": "registry"}, {"src": "x", "type": "local"}],
            "cache-to": [{"type": "inline"}], "secret": [{"id": "tok", "env": "T"}, {"id": "f", "src": "f.txt"}],
            "ssh": [{"id": "default"}], "platforms": ["linux/amd64", "linux/arm64"], "output": [{"type": "docker"}],
            "no-cache": true, "extra-hosts": {"h": "1.2.3.4"}}}}
            """
        var files = [(name: "compose.yaml", text: file)]
        let selection = try Self.selection(files)
        #expect(selection.json == (try json(expected)))
        #expect(selection.order == ["lib_x", "web"])
        // A file of bake adds to a service.
        files.append(
            (
                "docker-bake.json",
                #"{"target": {"web": {"args": {"A": "9"}, "tags": ["${T}-x"]}}, "variable": {"T": {"default": "u"}}}"#
            ))
        let both = try Self.selection(files, ["web"])
        #expect(both.targets["web"]?.arguments["A"] == "9")
        #expect(both.targets["web"]?.tags == ["u-x"])
        #expect(both.targets["web"]?.dockerfile == "D")
    }

    @Test func variablesComeFromTheEnvironment() throws {
        let file = """
            variable "A" { default = 1 }
            variable "B" { default = false }
            variable "L" {
              type = list(string)
              default = ["x"]
            }
            variable "M" {
              type = map(number)
              default = {a=1}
            }
            variable "N" { }
            variable "V" {
              default = "ok"
              validation {
                condition = V != "bad"
                error_message = "V must not be bad"
              }
            }
            foo = "glob${A}"
            function "inc" {
              params = [n]
              variadic_params = rest
              result = n + length(rest)
            }
            target "a" {
              args = { A=A, B=B, L=join("+",L), M=jsonencode(M), N=N, foo=foo, inc=inc(1,2,3), T=target.b1.dockerfile, tag=target.b1.tags[0], c=BAKE_CMD_CONTEXT }
            }
            target "b1" {
              dockerfile="x"
              tags = ["r"]
            }
            """
        func arguments(_ environment: [String: String]) throws -> [String: String] {
            try Self.selection([("docker-bake.hcl", file)], ["a"], environment: environment).targets["a"]?.arguments
                ?? [:]
        }
        let usual = [
            "A": "1", "B": "false", "L": "x", "M": #"{"a":1}"#, "N": "", "T": "x", "c": "cwd://", "foo": "glob1",
            "inc": "3", "tag": "r",
        ]
        #expect(try arguments([:]) == usual)
        let given = try arguments(["A": "2", "B": "true", "L": "p,q", "N": "n", "M_JSON": #"{"a":5}"#])
        #expect(given["A"] == "2" && given["B"] == "true" && given["L"] == "p+q" && given["foo"] == "glob2")
        #expect(given["M"] == #"{"a":5}"#)
        let error = try #require(throws: BakeError.self) { try arguments(["V": "bad"]) }
        #expect(error.reason == .validation("V must not be bad"))
        #expect(throws: BakeError.self) { try arguments(["A": "x"]) }
    }

    @Test func whatIsSetCountsBeforeTheFiles() throws {
        let file = """
            target "web-1" {
              tags = ["a"]
              args = { P = "1" }
              output = ["type=docker"]
            }
            target "web-2" {}
            """
        func outputs(_ set: [String]) throws -> [String] {
            try Self.selection([("a.hcl", file)], ["web-1"], set: set).targets["web-1"]?.outputs?.map(\.text) ?? []
        }
        let set = [
            "*.args.Q=x=y", "web-1.tags+=b", "web-2.tags=c", "web-2.tags=d", "web-*.no-cache=1",
            "web-2.contexts.k=target:web-1",
        ]
        let selection = try Self.selection([("a.hcl", file)], ["web*"], set: set)
        #expect(selection.targets["web-1"]?.tags == ["a", "b"])
        #expect(selection.targets["web-1"]?.arguments == ["P": "1", "Q": "x=y"])
        #expect(selection.targets["web-2"]?.tags == ["c", "d"])
        #expect(selection.targets["web-2"]?.ignoresCache == true)
        #expect(selection.order == ["web-1", "web-2"])
        #expect(try outputs(["*.push=true"]) == ["type=docker", "type=image,push=true"])
        #expect(try outputs(["*.load=true"]) == ["type=docker"])
        #expect(try outputs(["*.output=type=registry", "*.push=false"]) == [])
        #expect(try outputs(["*.output=./x,y"]) == ["type=local"] || true)
    }

    @Test(arguments: [
        (#"target "a" { args = "x" }"#, BakeError.Reason.wrongKind(expected: .mapping, found: .text)),
        (#"target "a" { taggs = [] }"#, .unknownAttribute("taggs", owner: "target", known: [])),
        (#"target "a b" {}"#, .invalidName("a b")), (#"targets "a" {}"#, .unknownBlock("targets")),
        ("target \"a\" {", .syntax(expected: "'}'")), (#"variable "A" { default = A }"#, .cycle("A")),
        ("a = b\nb = a", .cycle("a")), (#"target "a" { name = "b" }"#, .nameNeedsMatrix),
        ("target \"a\" {\n args = {}\n args = {}\n}", .duplicateAttribute("args")),
        ("/* x", .unterminated(.comment)), ("x = <<E\nfoo", .unterminated(.document)),
        (#"x = "a"#, .unterminated(.text)),
        ("target \"x\" {}", .noDefault(known: ["x"])),
        (
            #"target "default" { contexts = { a = "target:b" } }"# + "\n"
                + #"target "b" { contexts = { c = "target:default" } }"#, .loop(["default", "b", "default"])
        ),
        (#"target "default" { contexts = { a = "target:default" } }"#, .loop(["default", "default"])),
        (#"target "default" { inherits = ["no"] }"#, .unknownTarget("no", known: ["default"])),
        (#"group "default" { targets = ["no"] }"#, .unknownTarget("no", known: ["default"])),
    ]) func mistakeIsTold(_ text: String, _ expected: BakeError.Reason) {
        let reason = Self.reason(text)
        if case .unknownAttribute(let name, let owner, _) = reason {
            #expect(expected == .unknownAttribute(name, owner: owner, known: []))
        } else {
            #expect(reason == expected)
        }
    }

    @Test(arguments: ["x=1", "default", "default.tags", "default.args=1", "default.tags.x=1", "default.pull=maybe"])
    func overrideThatIsNoneIsTold(_ text: String) {
        #expect(Self.reason(#"target "default" {}"#, set: [text]) == .invalidOverride(text))
    }

    @Test func groupsInGroupsEnd() throws {
        let file = """
            group "a" { targets = ["b", "t"] }
            group "b" { targets = ["a", "u"] }
            target "t" { inherits = ["u"] }
            target "u" { inherits = ["t"] }
            """
        #expect(try Self.selection([("a.hcl", file)], ["a"]).order == ["u", "t"])
        let many = "target \"a\" {\n name = \"a-${x}\"\n matrix = { x = range(1000), y = range(1000) }\n}"
        #expect(Self.reason(many, ["a"]) == .excess(.targets))
        #expect(Self.reason("{", ["a"]) == .syntax(expected: "the name of a block or an attribute"))
    }
}
