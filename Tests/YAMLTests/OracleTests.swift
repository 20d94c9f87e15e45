import OCI
import TestSupport
import Testing
import YAML

/// Compares with PyYAML, an implementation of its own, where `python3` has it.
@Suite struct OracleTests {
    @Test(.enabled("the Python module 'yaml' is not installed (python3-yaml)") { try await Oracle.isExpected() })
    func agrees() async throws {
        let texts = (ReadingTests.documents + ReadingTests.mistakes).map(\.text).filter {
            !Oracle.differing.contains($0)
        }
        let answers = try #require(
            try JSON.parse(try await Program.shell("python3 -c '\(Oracle.script)'", JSON.strings(texts).bytes)).array)
        #expect(answers.count == texts.count)
        var compared = 0
        for (text, answer) in zip(texts, answers) {
            guard let ours = Oracle.form(text) else { continue }
            compared += 1
            #expect(ours == answer, "\(text.debugDescription)")
        }
        #expect(compared > 50)
    }
}

private enum Oracle {
    static func isExpected() async throws -> Bool {
        try await Command("sh", ["-c", "test -n \"$CI\" || python3 -c 'import yaml'"]).run().succeeded
    }

    /// What PyYAML reads otherwise: it refuses an anchor that is given anew, and lets a list hold itself.
    static let differing = ["[&a x, *a, &a y, *a]", "&a [*a]", "%YAML 1.2\n---\na"]

    /// What PyYAML makes of each text, null for an error. What is left out has no place of its own: it is looked for at several.
    static let script = """
        import json, sys, yaml
        def form(node):
            place = [node.start_mark.line + 1, node.start_mark.column + 1]
            if node.value == "": place = []
            if isinstance(node, yaml.ScalarNode): return place + [node.value, node.style is None]
            if isinstance(node, yaml.SequenceNode): return place + [[form(item) for item in node.value]]
            return place + [{}] + [[form(key), form(value)] for key, value in node.value]
        def answer(text):
            try: node = yaml.compose(text, Loader=yaml.BaseLoader)
            except yaml.YAMLError: return None
            return "nothing" if node is None else form(node)
        print(json.dumps([answer(text) for text in json.load(sys.stdin)]))
        """

    /// Our reading in the script's form; nil for what we refuse and YAML allows.
    static func form(_ text: String) -> JSON? {
        do { return try YAMLNode(parsing: Array(text.utf8)).map { form($0) } ?? .string("nothing") } catch {
            switch error.reason {
            case .syntax, .undefinedAlias, .severalDocuments: return .null
            case .keyIsNoText, .duplicateKey, .excess, .noMemory: return nil
            }
        }
    }

    private static func form(_ node: YAMLNode) -> JSON {
        let place = form(node.place)
        switch node.content {
        case .scalar(let scalar): return .array((scalar.text.isEmpty ? [] : place) + form(scalar))
        case .list(let items): return .array(place + [.array(items.map { form($0) })])
        case .mapping(let members):
            let pairs = members.map { JSON.array([form(YAMLNode(.scalar($0.key), at: $0.place)), form($0.value)]) }
            return .array(place + [.object([:])] + pairs)
        }
    }

    private static func form(_ place: YAMLPlace) -> [JSON] {
        [.integer(Int64(place.line)), .integer(Int64(place.column))]
    }

    private static func form(_ scalar: YAMLScalar) -> [JSON] { [.string(scalar.text), .bool(scalar.isPlain)] }
}
