import Archive
import Engine
import OCI
import Storage
import Testing

@Suite struct OutputWordsTests {
    /// What an option means, in one line.
    private func line(_ text: String) -> String {
        let output: OutputSpecification
        do { output = try OutputSpecification(parsing: text) } catch let error as InvalidOption {
            return "error: \(error.reason)"
        } catch { return "\(error)" }
        var words = [output.kind.rawValue]
        switch output.destination {
        case .path(let path): words.append("to \(path)")
        case .standardOutput: words.append("to -")
        case nil: break
        }
        words += output.names.map(\.familiar)
        if let compression = output.compression {
            words.append(
                "\(compression.format?.rawValue ?? "plain") \(compression.level)\(compression.isForced ? "!" : "")")
        }
        if output.isStored { words.append("stored") }
        if output.pushes { words.append("pushed") }
        if !output.isArchive { words.append("directory") }
        if output.isMirror { words.append("mirror") }
        if output.rewritesTimestamps { words.append("rewritten") }
        if output.isPushedByDigest { words.append("digest") }
        if !output.isNamedHere { words.append("there") }
        if output.allowsInsecure { words.append("insecure") }
        if let splits = output.splitsPlatforms { words.append(splits ? "split" : "together") }
        return words.joined(separator: " ")
    }

    @Test(arguments: [
        ("out", "local to out"), ("-", "tar to -"), ("type=local,dest=out,mode=delete", "local to out mirror"),
        ("type=tar,dest=-", "tar to -"), ("type=oci", "oci"),
        ("type=oci,dest=a.tar,tar=false", "oci to a.tar directory"),
        ("type=docker", "docker stored"), ("type=docker,dest=a.tar", "docker to a.tar"),
        ("type=image,name=a:1,push=true", "image a:1 stored pushed"),
        ("type=registry,\"name=a,b:2\"", "registry a:latest b:2 stored pushed"),
        ("type=oci,compression=zstd,compression-level=19,force-compression=true", "oci zstd 19!"),
        ("type=oci,compression=uncompressed", "oci plain 0"), ("type=oci,compression-level=9", "oci gzip 9"),
        ("type=image,rewrite-timestamp=true", "image stored rewritten"), ("TYPE=oci,dest=a=b", "oci to a=b"),
        ("type=oci,oci-mediatypes=true", "oci"), ("type=cacheonly", "cacheonly"),
        ("type=image,name=a,push-by-digest=true,name-canonical=true", "image a:latest stored pushed digest"),
        ("type=image,name=a,push=true,push-by-digest=false", "image a:latest stored pushed"),
        ("type=registry,name=a,store=false", "registry a:latest stored pushed there"),
        ("type=image,name=a,push=true,store=true,registry.insecure=true", "image a:latest stored pushed insecure"),
        ("type=oci,store=false", "error: 'store' means nothing for type=oci"),
        ("type=oci,registry.insecure=true", "error: 'registry.insecure' means nothing for type=oci"),
        ("type=image,registry.insecure=perhaps", "error: 'registry.insecure' is true or false"),
        ("type=local,dest=o,platform-split=false", "local to o together"),
        ("type=tar,platform-split=true", "tar split"),
        ("type=oci,push-by-digest=true", "error: 'push-by-digest' means nothing for type=oci"),
        ("type=image,platform-split=true", "error: 'platform-split' means nothing for type=image"),
        ("dest=a", "error: it needs a type"),
        ("type=iso", "error: known types are image, oci, docker, tar, local, registry, cacheonly"),
        ("type=local", "error: type=local needs dest=DIRECTORY"), (",", "error: there is nothing beside a comma"),
        ("type=oci,", "error: there is nothing beside a comma"),
        ("type=image,dest=a", "error: type=image has no destination"),
        ("type=oci,tar=false", "error: tar=false needs dest=DIRECTORY"),
        ("type=oci,compression=estargz", "error: 'estargz' is no compression; known are gzip, zstd and uncompressed"),
        ("type=oci,compression=zstd,compression-level=30", "error: zstd has the levels 1 to 22"),
        ("type=oci,annotation=1", "error: 'annotation' means nothing for type=oci"),
        ("type=image,push=perhaps", "error: 'push' is true or false"),
    ])
    func parses(text: String, expected: String) { #expect(line(text) == expected) }

    @Test(arguments: [
        ("a,b", ["a", "b"]), ("", [""]), ("\"a,b\",c", ["a,b", "c"]), ("\"a\"\"b\"", ["a\"b"]),
        ("a\"b,c", ["a\"b", "c"]),
    ])
    func splitsAtCommas(text: String, expected: [String]) throws {
        #expect(try CommaSeparated.fields(text, of: "--output") == expected)
    }

    @Test(arguments: ["\"a", "a,\"b", "type=oci,\"dest=a"])
    func refusesAQuotationMarkThatIsAlone(text: String) {
        #expect(
            told { try CommaSeparated.fields(text, of: "-o").joined() } == "-o: the quotation mark has no second one")
    }
}
