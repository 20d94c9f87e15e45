internal import Dockerfile
internal import OCI

/// WORKDIR, COPY and ADD.
extension StageLowering {
    mutating func workdir(_ word: Word, _ instruction: Instruction) throws(Diagnostic) {
        let text = try expand(word)
        guard let path = state.workingDirectory.resolving(text) else { throw invalidPath(text, word) }
        state.config.container.workingDirectory = path.description
        let vertex = path.isRoot ? nil : append(.makeDirectory(path, owner: state.config.container.user), instruction)
        state.note("WORKDIR \(path)", vertex)
    }

    mutating func copy(_ copy: CopyInstruction, _ instruction: Instruction) throws(Diagnostic) {
        var operation = try operation(copy.files) { (word, text) throws(Diagnostic) in
            if RemoteSource(text) != nil {
                throw Diagnostic(
                    .error(.invalidSource), at: word.range, "COPY cannot copy from a URL", hint: "use ADD")
            }
            guard let from = copy.from, let source = froms[from] else { return .context(.main, pattern: text) }
            switch source {
            case .context(let name): return .context(name, pattern: text)
            case .vertex(let vertex): return .vertex(vertex, pattern: text)
            }
        }
        operation.keepsParents = copy.layout.parents == .kept
        operation.isLink = copy.layout.linking == .linked
        finish(operation, copy.files, instruction)
    }

    mutating func add(_ add: AddInstruction, _ instruction: Instruction) throws(Diagnostic) {
        let checksum = try add.checksum.map(expand)
        var operation = try operation(add.files) { (word, text) throws(Diagnostic) in
            switch RemoteSource(text) {
            case .url: return .url(text)
            case .git: return try Self.repository(text, word)
            case nil: return .context(.main, pattern: text)
            }
        }
        if let word = add.checksum, let checksum { try check(checksum, word, operation.sources) }
        operation.checksum = checksum
        operation.isLink = add.linking == .linked
        operation.keepsGitDirectory = add.gitDirectory == .kept
        switch add.unpacking {
        case .localOnly: operation.unpacking = .local
        case .always: operation.unpacking = .all
        case .never: operation.unpacking = .never
        }
        finish(operation, add.files, instruction)
    }

    private static func repository(_ text: String, _ word: Word) throws(Diagnostic) -> CopyOperation.Source {
        do throws(GitReferenceError) {
            guard let repository = try GitReference(text) else { return .url(text) }
            return .git(repository)
        } catch {
            let (message, hint) = error.explanation
            throw Diagnostic(.error(.invalidSource), at: word.range, message, hint: hint)
        }
    }

    private func check(_ checksum: String, _ word: Word, _ sources: [CopyOperation.Source]) throws(Diagnostic) {
        func fault(_ message: String) -> Diagnostic { Diagnostic(.error(.invalidFlag), at: word.range, message) }
        guard sources.count == 1, let source = sources.first else {
            throw fault("--checksum needs exactly one source")
        }
        switch source {
        case .url:
            do { _ = try Digest(checksum) } catch { throw fault("'\(checksum)' is no digest such as sha256:…") }
        case .git:
            guard checksum.utf8.count >= 7, checksum.utf8.allSatisfy(\.isHexadecimal) else {
                throw fault("'\(checksum)' is no commit, nor the beginning of one")
            }
        case .context, .vertex, .inline: throw fault("--checksum is for sources with a URL")
        }
    }

    private func operation(
        _ files: CopiedFiles, _ source: (Word, String) throws(Diagnostic) -> CopyOperation.Source
    ) throws(Diagnostic) -> CopyOperation {
        let destination = try expand(files.destination)
        guard let path = state.workingDirectory.resolving(destination) else {
            throw invalidPath(destination, files.destination)
        }
        var sources: [CopyOperation.Source] = []
        for word in files.sources {
            let text = try expand(word)
            guard !text.utf8.contains(0) else { throw invalidPath(text, word) }
            sources.append(try source(word, text))
        }
        for heredoc in files.heredocs { sources.append(.inline(try inlineFile(heredoc))) }
        let isDirectory = destination.hasSuffix("/") || ["", "."].contains(destination) || destination.hasSuffix("/.")
        var operation = CopyOperation(sources: sources, destination: path, destinationIsDirectory: isDirectory)
        operation.owner = try files.chown.map(expand).flatMap { $0.isEmpty ? nil : $0 }
        operation.mode = try files.chmod.map(expand).flatMap { $0.isEmpty ? nil : $0 }
        operation.excludes = try excludes(files.exclude)
        if let mode = operation.mode, let word = files.chmod {
            do { _ = try FileModeChange(mode) } catch {
                throw Diagnostic(
                    .error(.invalidFlag), at: word.range, "'\(mode)' is no file mode",
                    hint: "write an octal number up to 07777, or letters as in u=rwX,go=rX")
            }
        }
        return operation
    }

    /// Patterns keep their backslashes: only those with a variable are expanded.
    private func excludes(_ words: [Word]) throws(Diagnostic) -> [String] {
        var patterns: [String] = []
        for word in words { patterns.append(word.text.contains("$") ? try expand(word) : word.text) }
        return patterns
    }

    /// Variables in a body are expanded unless its delimiter was quoted; quotes in it are ordinary characters, and a
    /// backslash escapes whatever the file's escape character is.
    private func inlineFile(_ heredoc: CopiedFiles.HeredocSource) throws(Diagnostic) -> InlineFile {
        var content = heredoc.content
        if heredoc.expansion == .expanded {
            let expander = state.scope.expander(.backslash, .ignoreQuotes)
            do { content = try expander.expand(content).text } catch {
                throw Diagnostic(
                    .error(.invalidExpansion), at: heredoc.range,
                    "cannot expand the here-document '\(heredoc.name)': \(error.message)",
                    hint: "quote its delimiter, <<'\(heredoc.name)', to keep the text as it is")
            }
        }
        return InlineFile(name: heredoc.name, content: Array(content.utf8))
    }

    private mutating func finish(_ operation: CopyOperation, _ files: CopiedFiles, _ instruction: Instruction) {
        var text = instruction.name.rawValue
        if operation.keepsParents { text += " --parents" }
        if let owner = operation.owner { text += " --chown=\(owner)" }
        if let mode = operation.mode { text += " --chmod=\(mode)" }
        for source in operation.sources { text += " " + source.historyText }
        // The destination as it was written, not where it leads. It was expanded to make the operation: what could not be
        // was an error then.
        text += " " + ((try? expand(files.destination)) ?? files.destination.text)
        let vertex = append(.copy(operation), instruction)
        // Histories are for whoever has the image: what may not be shown is shown in neither.
        let shown = display(instruction)
        state.note(shown.contains(SecretName.mask) ? shown : text, vertex)
    }

    private func invalidPath(_ text: String, _ word: Word) -> Diagnostic {
        Diagnostic(.error(.invalidSource), at: word.range, "'\(text)' is no path: it holds a NUL")
    }
}

extension CopyOperation.Source {
    fileprivate var historyText: String {
        switch self {
        case .context(_, let pattern), .vertex(_, let pattern): pattern
        case .inline(let file): "<<" + file.name
        case .url(let text): PublicURL.text(of: text)
        case .git(let repository): PublicURL.text(of: repository.text)
        }
    }
}

extension UInt8 {
    var isHexadecimal: Bool {
        (0x30...0x39).contains(self) || (0x61...0x66).contains(self) || (0x41...0x46).contains(self)
    }
}
