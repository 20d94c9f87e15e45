import Archive
import Attestation
import BuildGraph
import Engine
import LinuxSystem
import OCI
import Solver
import Storage
import SystemPackage
import TestSupport
import Testing

/// From the words of options to values and errors.
@Suite struct BuildWordsTests {
    @Test(arguments: [
        ("app", "app:latest"), ("reg.example/a:1", "reg.example/a:1"), ("A", "ImageReferenceError"),
        ("a@sha256:\(String(repeating: "0", count: 64))", "--tag: a tag cannot have a digest"),
    ])
    func names(text: String, expected: String) { #expect(told { try BuildWords.name(text).familiar } == expected) }

    @Test func platforms() throws {
        let platforms = try BuildWords.platforms(["linux/arm64,linux/amd64", "linux/arm64", "linux/arm/v7"])
        #expect(platforms.map(\.description) == ["linux/arm64", "linux/amd64", "linux/arm/v7"])
        #expect(try BuildWords.platforms([]) == [.host] && BuildWords.platforms([""]) == [.host])
        for text in [",", "linux/amd64,", ",linux/arm64"] {
            #expect(throws: PlatformError.self, "\(text)") { try BuildWords.platforms([text]) }
        }
        #expect(throws: (any Error).self) { try BuildWords.platforms(["linux/amd64/v1/x"]) }
    }

    @Test(arguments: [
        ("default", "default"), ("bridge", "default"), ("none", "none"), ("host", "host"),
        ("mine", "--network: known are default, none and host"),
    ])
    func networks(text: String, expected: String) {
        #expect(told { try BuildWords.network(text).rawValue } == expected)
    }

    @Test(
        arguments: [
            ([], ""), (["network.host,security.insecure", "network.host"], "network.host security.insecure"),
            (["device"], "--allow: known are network.host, security.insecure"),
            (["network.host,"], "--allow: known are network.host, security.insecure"),
        ] as [([String], String)])
    func entitlements(texts: [String], expected: String) {
        #expect(told { try BuildWords.entitlements(texts).map(\.rawValue).sorted().joined(separator: " ") } == expected)
    }

    /// Options, and the arguments where the environment has `A=env` and a time.
    @Test(
        arguments: [
            (["B=1", "B=2", "C=a=b", "D="], "B=2 C=a=b D= SOURCE_DATE_EPOCH=9"), (["A"], "A=env SOURCE_DATE_EPOCH=9"),
            (["NONE"], "SOURCE_DATE_EPOCH=9"), (["SOURCE_DATE_EPOCH=7"], "SOURCE_DATE_EPOCH=7"),
            (["=x"], "--build-arg: it needs a name"), ([""], "--build-arg: it needs a name"),
        ] as [([String], String)])
    func arguments(texts: [String], expected: String) {
        let environment = HostEnvironment(variables: ["A": "env", "SOURCE_DATE_EPOCH": "9"])
        #expect(told { line(try BuildWords.arguments(texts, environment)) } == expected)
    }

    private static let proxies = #"{"proxies":{"default":{"httpProxy":"http://p:1","noProxy":"a,b","ftpProxy":""}}}"#

    /// docker's file, options, and the arguments.
    @Test(
        arguments: [
            (proxies, [], "HTTP_PROXY=http://p:1 NO_PROXY=a,b http_proxy=http://p:1 no_proxy=a,b"),
            (proxies, ["http_proxy=q"], "HTTP_PROXY=http://p:1 NO_PROXY=a,b http_proxy=q no_proxy=a,b"),
            (#"{"proxies":{"tcp://x:1":{"httpProxy":"q"}}}"#, [], ""), (#"{"proxies":{"default":"x"}}"#, [], ""),
            ("{", [], ""), ("[]", ["A=1"], "A=1"),
        ] as [(String, [String], String)])
    func takesDockersProxies(file: String, texts: [String], expected: String) async throws {
        try await Files.withTemporaryDirectory { directory in
            try Files.write(file, to: "\(directory)/.docker/config.json")
            for variables in [["HOME": directory], ["DOCKER_CONFIG": "\(directory)/.docker"]] {
                let environment = HostEnvironment(variables: variables)
                #expect(told { line(try BuildWords.arguments(texts, environment)) } == expected)
            }
        }
    }

    @Test func labels() {
        #expect(told { line(try BuildWords.labels(["a=1", "b", "c=x=y"])) } == "a=1 b= c=x=y")
        #expect(told { line(try BuildWords.labels(["=1"])) } == "--label: it needs a name")
    }

    private func line(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
    }

    /// Buildx's `--annotation`.
    @Test(arguments: [
        ("a=b=c", "manifest a=b=c"), ("index:a=", "index a="),
        ("index,manifest-descriptor[linux/arm64]:x.y=1", "index x.y=1, manifest-descriptor linux/arm64 x.y=1"),
        ("manifest[linux/amd64]:a:b=c", "manifest linux/amd64 a:b=c"),
        ("a", "--annotation: the form is [TYPE:]NAME=VALUE"),
        ("=b", "--annotation: it needs a name"), ("index:=b", "--annotation: it needs a name"),
        (
            "list:a=b",
            "--annotation: 'list' is no type; known are manifest, manifest-descriptor, index, index-descriptor"
        ),
        ("index[linux/arm64]:a=b", "--annotation: an index has no platform"),
        ("manifest[linux/arm64:a=b", "--annotation: a platform stands in brackets, as in manifest[linux/arm64]"),
    ])
    func annotations(text: String, expected: String) {
        #expect(told { try AnnotationOption.notes(text).map(line).joined(separator: ", ") } == expected)
    }

    /// A field of `--output`, and its note; `-` for a field that is none.
    @Test(arguments: [
        ("annotation.a.b", "manifest a.b=v"), ("annotation-index.a", "index a=v"),
        ("annotation-manifest-descriptor[linux/arm/v7].a.b", "manifest-descriptor linux/arm/v7 a.b=v"),
        ("annotation[linux/amd64].a", "manifest linux/amd64 a=v"), ("annotation", "-"), ("annotations.a", "-"),
        ("name", "-"), ("annotation.", "--output: an annotation needs a name"),
    ])
    func annotationFields(field: String, expected: String) {
        func fail(_ reason: String) -> InvalidOption { .init(name: "--output", value: field, reason: reason) }
        #expect(told { try AnnotationOption.note(field: field, value: "v", fail).map(line) ?? "-" } == expected)
    }

    private func line(_ note: ImageAnnotations.Note) -> String {
        let place = note.place.rawValue + (note.platform.map { " \($0)" } ?? "")
        return "\(place) \(note.name)=\(note.value)"
    }

    /// `--attest`, `--sbom`, `--provenance`, and what is attested.
    @Test(
        arguments: [
            ([], nil, nil, ""), ([], "true", nil, "packages"), (["type=sbom"], "false", nil, ""),
            (["type=sbom,disabled=true"], nil, nil, ""), (["type=sbom,disabled"], nil, nil, ""),
            (["type=sbom,generator=x"], nil, nil, "--attest: Distill lists packages itself and runs no generator"),
            ([], nil, "true", "provenance"),
            ([], nil, "mode=max,builder-id=b,reproducible=true", "provenance max b same"),
            (["type=provenance,mode=max"], nil, "min=1", "--provenance: 'min' means nothing here"),
            (["type=provenance,mode=max"], nil, "mode=min", "provenance"),
            (["type=provenance"], nil, "disabled=1", ""), ([], nil, "false", ""),
            ([], nil, "mode=some", "--provenance: mode is min or max"),
            ([], nil, "version=v1,inline-only=true", "provenance"),
            ([], nil, "version=v2", "--provenance: the version is v1"),
            ([], nil, "inline-only=perhaps", "--provenance: 'perhaps' is neither true nor false"),
            (["sbom"], nil, nil, "--attest: it needs a type"),
            (["type=vex"], nil, nil, "--attest: known types are sbom, provenance and explanation"),
            ([], "perhaps", nil, "--sbom: 'perhaps' means nothing here"),
        ] as [([String], String?, String?, String)])
    func attestations(attest: [String], sbom: String?, provenance: String?, expected: String) {
        let line = told {
            let request = try AttestationRequest(attest: attest, sbom: sbom, provenance: provenance)
            var words = request.listsPackages ? ["packages"] : []
            if let provenance = request.provenance {
                words.append("provenance")
                if provenance.isComplete { words.append("max") }
                if let builder = provenance.builder { words.append(builder) }
                if provenance.isReproducible { words.append("same") }
            }
            return words.joined(separator: " ")
        }
        #expect(line == expected)
    }

    @Test(arguments: [
        ("type=local,dest=d", "directory d zstd min"),
        ("type=local,dest=d,mode=max,ignore-error=true", "directory d zstd max lenient"),
        ("reg.example/cache", "registry reg.example/cache:latest zstd min"),
        ("type=registry,ref=a:1,compression=gzip,compression-level=1", "registry a:1 gzip min"),
        ("type=registry,ref=a:1,compression=uncompressed", "registry a:1 plain min"), ("type=inline", "image zstd min"),
        ("type=registry", "--cache-to: type=registry needs ref=NAME"),
        ("type=local,src=d", "--cache-to: type=local needs dest=DIRECTORY"),
        ("type=gha", "--cache-to: known types are local, registry and inline"),
        ("", "--cache-to: known types are local, registry and inline"),
        ("type=inline,colour=red", "--cache-to: 'colour' means nothing here"),
        ("type=inline,mode=all", "--cache-to: mode is min or max"),
        ("type=registry,ref=r,registry.insecure=true", "registry r:latest zstd min insecure"),
        ("type=registry,ref=r,registry.insecure=2", "--cache-to: 'registry.insecure' is true or false"),
        ("type=inline,ignore-error=2", "--cache-to: 'ignore-error' is true or false"),
        ("type=inline,compression=xz", "--cache-to: 'xz' is no compression; known are gzip, zstd and uncompressed"),
    ])
    func cacheTargets(text: String, expected: String) {
        #expect(told { try BuildWords.cacheTargets([text]).map(line).joined() } == expected)
    }

    @Test(arguments: [
        ("type=local,src=d", "directory d zstd min"),
        ("type=local,dest=d", "--cache-from: type=local needs src=DIRECTORY"),
        ("type=inline", "--cache-from: known types are local, registry"),
    ])
    func cacheSources(text: String, expected: String) {
        #expect(told { try BuildWords.cacheSources([text]).map(line).joined() } == expected)
    }

    private func line(_ place: BuildCachePlace) -> String {
        let location =
            switch place.location {
            case .directory(let path): "directory \(path)"
            case .registry(let reference): "registry \(reference.familiar)"
            case .image: "image"
            case .depot: "depot"
            }
        let format = place.compression.format?.rawValue ?? "plain"
        return "\(location) \(format) \(place.extent.rawValue)\(place.isOptional ? " lenient" : "")"
            + (place.allowsInsecure ? " insecure" : "")
    }

    /// Named contexts; `here` is a directory.
    @Test(arguments: [
        ("A=docker-image://alpine", "a image alpine:latest"), ("a=target:base", "a stage base"),
        ("a=here", "a directory here"),
        ("a=oci-layout://l", "a layout l unnamed"), ("a=oci-layout://l:1.0", "a layout l tag(\"1.0\")"),
        ("a=oci-layout:///x:1/l", "a layout /x:1/l unnamed"), ("a=oci-layout://l:t@sha256:0", "DigestError"),
        ("a=https://h.example/a.git#main", "a repository https://h.example/a.git#main"),
        ("a=https://h.example/a.tar", "a url https://h.example/a.tar"),
        ("a=github.com/o/r#v1", "a repository https://github.com/o/r.git#v1"),
        ("a=-", "a input"), ("a=nowhere", "EngineError"), ("a", "--build-context: the form is NAME=VALUE"),
    ])
    func namedContexts(text: String, expected: String) async throws {
        try await Files.withTemporaryDirectory { directory in
            try Files.makeDirectory("\(directory)/here")
            let environment = HostEnvironment(workingDirectory: FilePath(directory))
            let line = told {
                let (name, source) = try NamedContextOption.read(text, environment)
                return "\(name) \(describe(source))"
            }
            #expect(line == expected)
        }
    }

    private func describe(_ source: NamedContextSource) -> String {
        switch source {
        case .image(let reference): "image \(reference.familiar)"
        case .stage(let name): "stage \(name)"
        case .layout(let path, let selection): "layout \(path) \(selection)"
        case .stored, .results: "other"
        case .files(.directory(let path)): "directory \(path.lastComponent?.string ?? "")"
        case .files(.standardInput): "input"
        case .files(.url(let url)): "url \(url)"
        case .files(.repository(let source)): "repository \(source.text)"
        case .files(.opened): "opened"
        }
    }
}
