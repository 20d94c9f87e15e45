import Engine
import OCI
import Sandbox
import Storage
import Testing

@testable import distill

/// From `--mount` and `--dns` to values and errors.
@Suite struct MountWordsTests {
    private func told(_ body: () throws -> String) -> String {
        do { return try body() } catch let error as InvalidOption { return "\(error.name): \(error.reason)" } catch {
            return "\(type(of: error))"
        }
    }

    private static func text(_ words: MountWords) -> String {
        let access = words.isReadOnly ? " ro" : ""
        switch words.mount {
        case .host(let source, let target): return "\(source) at \(target)\(access)"
        case .volume(let target): return "volume at \(target)\(access)"
        case .temporary(let mount):
            let mode = mount.mode.map { String($0, radix: 8) } ?? "usual"
            return "memory at \(mount.target) \(mount.size.map(String.init) ?? "any") \(mode) \(mount.options)\(access)"
        }
    }

    @Test(arguments: [
        ("type=bind,source=/usr,target=/x", "/usr at /x"), ("TYPE=bind,Src=/usr,DST=/x,ro", "/usr at /x ro"),
        ("type=bind,src=/usr/../usr/,destination=/x,readonly=false", "/usr at /x"),
        ("type=bind,src=/usr,dst=/x,bind-propagation=rslave,consistency=cached,readonly=1", "/usr at /x ro"),
        ("\"type=bind\",src=/usr,\"dst=/x,y\"", "/usr at /x,y"),
        ("type=bind,src=/usr,dst=/x,bind-recursive=enabled", "/usr at /x"),
        ("target=/x", "volume at /x"), ("type=volume,dst=/x,readonly", "volume at /x ro"),
        ("type=volume,src=,dst=/x", "volume at /x"),
        ("type=tmpfs,dst=/x", "memory at /x any usual []"),
        ("type=tmpfs,dst=/x,tmpfs-size=1m,tmpfs-mode=1770,ro", "memory at /x 1048576 1770 [\"ro\"] ro"),
        ("type=tmpfs,dst=/x,tmpfs-size=0", "memory at /x any usual []"),
        ("type=bind,src=/usr", "--mount: there is no target=…"), ("", "--mount: '' needs a value, as in =…"),
        ("type=bind,dst=/x", "--mount: there is no source=…"),
        ("type=bind,src=/none/x,dst=/x", "--mount: '/none/x' does not exist"),
        ("type=bind,src=/usr,dst=x", "--mount: the target 'x' is no absolute path below '/'"),
        ("type=bind,src=/usr,dst=/", "--mount: the target '/' is no absolute path below '/'"),
        ("type=npipe,dst=/x", "--mount: 'npipe' is no type here: bind, volume and tmpfs are"),
        ("type=bind,src=/usr,dst=/x,readonly=maybe", "--mount: 'maybe' is neither true nor false"),
        ("type=bind,src=/usr,dst=/x,tmpfs-size=1", "--mount: 'tmpfs-size' belongs to type=tmpfs, and this is bind"),
        (
            "type=bind,src=/usr,dst=/x,bind-propagation=private,tmpfs-size=1",
            "--mount: 'tmpfs-size' belongs to type=tmpfs, and this is bind"
        ),
        (
            "type=tmpfs,dst=/x,bind-nonrecursive=false",
            "--mount: 'bind-nonrecursive' belongs to type=bind, and this is tmpfs"
        ),
        ("type=tmpfs,dst=/x,tmpfs-mode=999", "--mount: '999' is no mode: it is an octal number"),
        ("type=tmpfs,dst=/x,tmpfs-size=much", "--mount: 'much' is no size"),
        ("type=tmpfs,src=/a,dst=/x", "--mount: what is in memory has no source"),
        ("type=bind,src=/usr,dst=/x,readonyl=1", "--mount: 'readonyl' is not known"),
        ("type=bind,src=/usr,dst=/x,\"", "--mount: the quotation mark has no second one"),
        (
            "src=data,dst=/x",
            "--mount: volumes with names belong to the applications of Compose files: type=bind takes a directory"
        ),
    ])
    func mounts(text: String, expected: String) {
        #expect(told { Self.text(try MountWords(text)) } == expected)
    }

    private static let host = "# made\nnameserver 10.0.0.1\nsearch a.example\noptions edns0\n"

    @Test(
        arguments: [
            ([], [], [], host),
            (["192.0.2.1"], [], [], "# made\nsearch a.example\noptions edns0\nnameserver 192.0.2.1\n"),
            (
                [], ["b.example", "c.example"], [],
                "# made\nnameserver 10.0.0.1\noptions edns0\nsearch b.example c.example\n"
            ),
            ([], ["."], ["ndots:1"], "# made\nnameserver 10.0.0.1\noptions ndots:1\n"),
            (["2001:db8::1"], ["."], [], "# made\noptions edns0\nnameserver 2001:db8::1\n"),
            (["::ffff:1.2.3.4"], ["."], [], "# made\noptions edns0\nnameserver ::ffff:1.2.3.4\n"),
            ([":"], [], [], "--dns: it is no address"), (["::::"], [], [], "--dns: it is no address"),
            (["fe80::12345"], [], [], "--dns: it is no address"),
            (["one.example"], [], [], "--dns: it is no address"), (["1.2.3"], [], [], "--dns: it is no address"),
            (["1.2.3.4\nx"], [], [], "--dns: it is no address"), ([], ["a b"], [], "--dns-search: it is one word"),
            ([], [], ["a\nb"], "--dns-option: it is one word"),
        ] as [([String], [String], [String], String)])
    func resolvers(servers: [String], domains: [String], options: [String], expected: String) {
        let text = told {
            try ResolverWords(servers: servers, domains: domains, options: options).applied(to: Self.host)
        }
        #expect(text == expected)
    }
}
