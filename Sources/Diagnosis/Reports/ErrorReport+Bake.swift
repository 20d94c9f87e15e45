package import Bake
import Dockerfile
package import Projects
import Rendering

extension ErrorReport {
    /// A mistake in the definition of builds, with the line that it is in.
    package init(_ error: BakeError) {
        self.init(Self.sentence(error.reason), hint: Self.hint(error.reason))
        if let range = error.range {
            locate(range, in: error.source)
        } else if let source = error.source {
            place = source.name
        }
    }

    package init(_ error: BakeFilesError) {
        switch error {
        case .noFile(let directory):
            self.init(
                "there is no bake file in '\(directory)'",
                hint: "docker-bake.hcl, docker-bake.json and compose.yaml are looked for; name another one with --file")
        case .unreadableFile(let path):
            self.init("the file '\(path)' cannot be read", hint: "'ls -l \(path)' tells who may")
        case .missingRight(let right, let target):
            self.init("the target '\(target)' asks for \(right)", hint: "give it with --allow \(right)")
        case .noName(let target):
            self.init(
                "the target '\(target)' cannot be pushed: it has no name",
                hint: "a name of 'tags' says where to push: --set \(target).tags=NAME")
        }
    }

    private static func sentence(_ reason: BakeError.Reason) -> String {
        switch reason {
        case .syntax(let expected): "\(expected) is expected here"
        case .unterminated(let construct): "this \(name(construct)) has no end"
        case .invalidEscape: "there is no such escape"
        case .invalidNumber(let text): "'\(text)' is no number"
        case .notJSON: "this is no JSON"
        case .excess(let excess): sentence(excess)
        case .unknownVariable(let name, _): "there is no variable '\(name)'"
        case .unknownFunction(let name, _): "there is no function '\(name)'"
        case .unknownAttribute(let name, let owner, _): "a \(owner) has no attribute '\(name)'"
        case .unknownBlock(let name): "there is no block '\(name)' here"
        case .missingAttribute(let name, let owner): "'\(name)' is missing in this \(owner)"
        case .wrongLabels(let type): "a \(type) has one name"
        case .duplicateAttribute(let name): "'\(name)' stands here twice"
        case .invalidName(let name): "'\(name)' cannot be the name of a target"
        case .cycle(let name): "'\(name)' needs itself"
        case .wrongKind(let expected, let found): "\(name(expected)) is wanted here, and this is \(name(found))"
        case .noMember(let name): "there is no member '\(name)' in this value"
        case .divisionByZero: "a number is divided by zero"
        case .wrongCount(let function): "'\(function)' takes another number of arguments"
        case .function(let name, let fault): "'\(name)' has no result: \(sentence(fault))"
        case .nameNeedsMatrix: "'name' is for targets with a matrix"
        case .matrixOfGroup: "a group has neither 'matrix' nor 'name'"
        case .validation(let message): message.isEmpty ? "the variable's value is refused by its own rule" : message
        case .invalidVariable(let name, let value): "'\(value)' cannot be the value of the variable '\(name)'"
        case .invalidField(let name, let value): "'\(value)' cannot be the value of '\(name)'"
        case .unknownTarget(let name, _): "there is no target or group '\(name)'"
        case .noMatch(let pattern, _): "no target has a name like '\(pattern)'"
        case .noDefault: "no target is named, and there is neither a target nor a group 'default'"
        case .loop(let names): "the targets need each other: \(names.joined(separator: " → "))"
        case .invalidOverride(let text): "'\(text)' cannot be set"
        case .unknownOverride(let key): "a target has nothing called '\(key)' that can be set"
        case .missingPlatforms(let target, let other):
            "the target '\(target)' is not built for all platforms of '\(other)', which stands on it"
        case .standardInput(let what): "\(what) cannot come from standard input"
        }
    }

    private static func hint(_ reason: BakeError.Reason) -> String? {
        func nearest(_ name: String, _ known: [String]) -> String? {
            Suggestion.hint(for: name, among: known)
                ?? (known.isEmpty || known.count > 12 ? nil : "there are \(known.joined(separator: ", "))")
        }
        switch reason {
        case .unknownVariable(let name, let known):
            return Suggestion.hint(for: name, among: known) ?? "declare it: variable \"\(name)\" {}"
        case .unknownFunction(let name, let known): return Suggestion.hint(for: name, among: known)
        case .unknownAttribute(let name, _, let known): return Suggestion.hint(for: name, among: known)
        case .unknownTarget(let name, let known), .noMatch(let name, let known): return nearest(name, known)
        case .noDefault(let known): return nearest("", known)
        case .invalidName: return "names have letters, digits, '_' and '-'"
        case .invalidOverride: return "the form is --set TARGET.KEY=VALUE, and TARGET.args.NAME=VALUE for mappings"
        case .unknownOverride(let key): return Suggestion.hint(for: key, among: BakeError.overrideKeys)
        case .invalidEscape: return "there are \\n, \\r, \\t, \\\", \\\\, \\uXXXX and \\UXXXXXXXX"
        default: return nil
        }
    }

    private static func sentence(_ excess: BakeError.Excess) -> String {
        switch excess {
        case .size: "the file is larger than 4 MiB"
        case .depth: "this is nested too deep"
        case .work: "the definition computes more than is read: 64 MiB of values"
        case .targets: "there are more than 1,000 targets"
        }
    }

    private static func sentence(_ fault: BakeError.FunctionFault) -> String {
        switch fault {
        case .wrongKind(let expected, let found): "\(name(expected)) is wanted, and it was given \(name(found))"
        case .outOfRange: "a number or a size is out of range"
        case .invalid(let text): "it cannot read '\(TerminalText.singleLine(text))'"
        case .noResult: "nothing was found"
        case .differentLengths: "lists have different lengths"
        }
    }

    private static func name(_ kind: BakeError.Kind) -> String {
        switch kind {
        case .null: "null"
        case .boolean: "true or false"
        case .number: "a number"
        case .text: "a text"
        case .list: "a list"
        case .mapping: "a mapping"
        case .textOrList: "a text or a list"
        case .name: "a name"
        }
    }

    private static func name(_ construct: BakeError.Construct) -> String {
        switch construct {
        case .text: "text"
        case .template: "template"
        case .comment: "comment"
        case .document: "document"
        }
    }
}
