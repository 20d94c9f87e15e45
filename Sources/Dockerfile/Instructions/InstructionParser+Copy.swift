extension InstructionParser {
    func copy() throws(Diagnostic) -> CopyInstruction {
        let words = try copyWords(.copy)
        let flags = try FlagSet(
            head,
            [
                "from": .single, "chown": .single, "chmod": .single, "link": .boolean, "parents": .boolean,
                "exclude": .repeated,
            ])
        return CopyInstruction(
            files: try files(words, flags, .copy), from: flags.word("from"),
            layout: CopyLayout(
                linking: flags.boolean("link") == true ? .linked : .ordinary,
                parents: flags.boolean("parents") == true ? .kept : .dropped))
    }

    func add() throws(Diagnostic) -> AddInstruction {
        let words = try copyWords(.add)
        let flags = try FlagSet(
            head,
            [
                "chown": .single, "chmod": .single, "link": .boolean, "keep-git-dir": .boolean, "checksum": .single,
                "unpack": .boolean, "exclude": .repeated,
            ])
        return AddInstruction(
            files: try files(words, flags, .add), checksum: flags.word("checksum"),
            gitDirectory: flags.boolean("keep-git-dir").map { $0 ? .kept : .dropped } ?? .asURLSays,
            unpacking: flags.boolean("unpack").map { $0 ? .always : .never } ?? .localOnly,
            linking: flags.boolean("link") == true ? .linked : .ordinary)
    }

    private func copyWords(_ name: InstructionName) throws(Diagnostic) -> [Word] {
        let words = try head.copyWords()
        guard words.count >= 2 else {
            throw fault(
                .invalidArguments,
                words.isEmpty
                    ? "\(name.rawValue) requires at least two arguments, a source and a destination"
                    : "\(name.rawValue) requires at least two arguments, but only '\(words[0])' was given",
                hint: words.isEmpty ? nil : "add a destination")
        }
        return words
    }

    private func files(_ words: [Word], _ flags: FlagSet, _ name: InstructionName) throws(Diagnostic) -> CopiedFiles {
        let destination = words[words.count - 1]
        guard Heredoc(opening: destination.text) == nil else {
            throw Diagnostic(
                .error(.invalidHeredoc), at: destination.range,
                "\(name.rawValue) cannot have a here-document as its destination")
        }
        var sources: [Word] = []
        var heredocs: [CopiedFiles.HeredocSource] = []
        for word in words.dropLast() {
            guard var heredoc = Heredoc(opening: word.text) else {
                sources.append(word)
                continue
            }
            // The last here-document of a name counts; in JSON form there is none, and the file is empty.
            heredoc.content = line.heredocs.last { $0.name == heredoc.name }?.content ?? ""
            heredocs.append(
                CopiedFiles.HeredocSource(
                    name: heredoc.name, content: heredoc.text, expansion: heredoc.expansion, range: word.range))
        }
        return CopiedFiles(
            sources: sources, heredocs: heredocs, destination: destination, chown: flags.word("chown"),
            chmod: flags.word("chmod"), exclude: flags.values("exclude").map(\.word))
    }
}
