package import Inspection
import OCI

/// Writes for each fix the change of the Dockerfile or the ignore file that does it, where that can be said for sure.
package struct FixPatcher {
    private let explanation: Explanation
    /// The Dockerfile's lines.
    private let lines: [String]
    /// The name of the ignore file's patterns that are there already.
    private let ignored: Set<String>

    /// - Parameters:
    ///   - dockerfile: its text, as it was built.
    ///   - ignoreFile: nil where there is none.
    package init(_ explanation: Explanation, dockerfile: String, ignoreFile: String?) {
        self.explanation = explanation
        lines = dockerfile.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.last == "\r" ? String($0.dropLast()) : String($0)
        }
        ignored = Set((ignoreFile ?? "").split(separator: "\n").map { $0.filter { !$0.isWhitespace } })
    }

    package func patch(for fix: Fix) -> Fix.Patch? {
        switch fix.kind {
        case .cache, .documentation, .locales, .headers, .tests, .sourceMaps: return removal(fix)
        case .recommends: return withoutRecommends(fix)
        case .contextLeftovers(let names):
            let new = names.map { "**/\($0)" }.filter { !ignored.contains($0) }
            return new.isEmpty ? nil : Fix.Patch(.ignoreFile, [.init(nil, new)])
        case .secondStage(let program, let base): return base == "scratch" ? stage(program, base) : nil
        case .ownership(let layer): return ownership(fix, by: layer)
        case .overwritten, .deletedLater, .developmentPackages, .duplicates, .buildTools: return nil
        }
    }

    /// The lines of a step of this Dockerfile.
    private func range(_ layer: Int?) -> ClosedRange<Int>? {
        guard let layer, explanation.steps.indices.contains(layer), explanation.steps[layer].isBase == false,
            let range = explanation.steps[layer].lines,
            range.upperBound <= lines.count
        else { return nil }
        return range
    }

    /// A RUN in shell form, to which a command can be added behind the last line.
    private func shellRun(_ layer: Int?) -> ClosedRange<Int>? {
        guard let range = range(layer) else { return nil }
        let text = lines[range.lowerBound - 1...range.upperBound - 1]
        guard let first = text.first, let last = text.last else { return nil }
        let words = first.split(separator: " ").filter { !$0.hasPrefix("--") }
        guard words.first?.uppercased() == "RUN", words.dropFirst().first?.hasPrefix("[") != true,
            !text.contains(where: { $0.contains("<<") })
        else { return nil }
        let end = last.drop { $0 == " " }.reversed().drop { $0 == " " }.first
        // A comment would swallow it, and behind `&` or `;` an `&&` is a mistake.
        guard let end, !"&;|\\".contains(end), !last.contains("#") else { return nil }
        return range
    }

    // MARK: Removing in the step that made it

    private func removal(_ fix: Fix) -> Fix.Patch? {
        guard let range = shellRun(fix.layer), let command = command(fix) else { return nil }
        var text = Array(lines[range.lowerBound - 1...range.upperBound - 1])
        text[text.count - 1] += " \\"
        text.append("    && \(command)")
        return Fix.Patch(.dockerfile, [.init(range, text)])
    }

    private func command(_ fix: Fix) -> String? {
        let paths = fix.files.map { explanation.account.layers[$0.layer].entries[$0.entry].path }.map {
            String(decoding: $0, as: UTF8.self)
        }
        switch fix.kind {
        case .cache: return Self.removing(Self.roots(paths))
        case .documentation:
            var commands: [String] = []
            if paths.contains(where: { $0.hasPrefix("usr/share/doc/") }) {
                commands.append("find /usr/share/doc ! -type d ! -name copyright -delete")
            }
            let others = [
                "usr/share/man", "usr/share/info", "usr/share/gtk-doc", "usr/share/lintian", "usr/share/linda",
                "usr/share/doc-base", "usr/local/share/man", "usr/local/share/doc", "usr/local/man",
            ]
            let found = others.filter { place in paths.contains { $0.hasPrefix(place + "/") } }
            if !found.isEmpty { commands.append("rm -rf " + found.map { "/\($0)/*" }.joined(separator: " ")) }
            return commands.isEmpty ? nil : commands.joined(separator: " && ")
        case .locales:
            let language =
                explanation.config.container.environmentValue("LANG").map {
                    String($0.prefix { $0 != "." && $0 != "_" && $0 != "@" })
                } ?? "en"
            return Self.isPlain(language)
                ? "find /usr/share/locale -mindepth 2 -type f ! -path '/usr/share/locale/\(language)*' -delete" : nil
        case .headers:
            let folders = ["usr/include", "usr/local/include"].filter { place in
                paths.contains { $0.hasPrefix(place + "/") }
            }
            // Libraries are removed by name: another step may have needed them.
            return folders.isEmpty || paths.contains { $0.hasSuffix(".a") || $0.hasSuffix(".la") }
                ? nil : "rm -rf " + folders.map { "/\($0)/*" }.joined(separator: " ")
        case .tests, .sourceMaps: return paths.count <= 20 ? Self.removing(Set(paths)) : nil
        default: return nil
        }
    }

    private static func removing(_ paths: Set<String>) -> String? {
        guard !paths.isEmpty, paths.count <= 20, paths.allSatisfy(isPlain) else { return nil }
        return "rm -rf " + paths.sorted().map { "/" + $0 }.joined(separator: " ")
    }

    /// Whether a shell takes a word as it stands.
    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "/._-+@*".utf8.contains(byte)
            }
    }

    /// The directories that caches are, as words of rm(1): what is in them goes, and they stay.
    private static func roots(_ paths: [String]) -> Set<String> {
        let places = [
            "var/lib/apt/lists/", "var/cache/apt/", "var/cache/apk/", "etc/apk/cache/", "var/cache/dnf/",
            "var/cache/yum/", "var/lib/dnf/",
            "usr/local/share/.cache/yarn/", "go/pkg/mod/", "root/go/pkg/mod/", "usr/local/cargo/registry/",
            "usr/local/cargo/git/",
            "usr/local/bundle/cache/", "opt/conda/pkgs/", "var/tmp/", "tmp/", "var/log/",
        ]
        var result: Set<String> = []
        for path in paths {
            if let place = places.first(where: { path.hasPrefix($0) }) {
                result.insert(place + "*")
            } else if path.hasPrefix("root/") || path.hasPrefix("home/") {
                let parts = path.split(separator: "/")
                let home = path.hasPrefix("root/") ? 1 : 2
                // `.cache/pip`, `.npm`, `.m2/repository`.
                let depth =
                    parts.count > home + 1
                        && [".cache", ".m2", ".gradle", ".cargo", ".local", ".nuget", ".composer", ".gem", ".yarn"]
                            .contains(parts[home])
                    ? home + 2 : home + 1
                result.insert(parts.prefix(depth).joined(separator: "/"))
            } else {
                result.insert(path)
            }
        }
        return result
    }

    // MARK: Other changes of a step

    private func withoutRecommends(_ fix: Fix) -> Fix.Patch? {
        guard let range = range(fix.layer) else { return nil }
        var text = Array(lines[range.lowerBound - 1...range.upperBound - 1])
        var isChanged = false
        for index in text.indices where !text[index].contains("--no-install-recommends") {
            for command in [
                "apt-get install", "apt-get -y install", "apt-get -qq install", "apt-get -yq install", "apt install",
                "apt-get --yes install",
            ] where text[index].contains(command) {
                text[index] = text[index].replacing(command, with: command + " --no-install-recommends")
                isChanged = true
                break
            }
        }
        return isChanged ? Fix.Patch(.dockerfile, [.init(range, text)]) : nil
    }

    /// `COPY … ` and later `RUN chown -R OWNER PATH` become `COPY --chown=OWNER …`.
    private func ownership(_ fix: Fix, by layer: Int) -> Fix.Patch? {
        let sources = Set(fix.files.map(\.layer))
        guard sources.count == 1, let source = sources.first, let copy = range(source), let run = range(layer),
            copy.count == 1, run.count == 1,
            copy.upperBound < run.lowerBound
        else { return nil }
        let words = lines[run.lowerBound - 1].split(separator: " ").map(String.init)
        let copyWords = lines[copy.lowerBound - 1].split(separator: " ").map(String.init)
        guard words.count == 5, words[0].uppercased() == "RUN", words[1] == "chown", words[2] == "-R",
            let target = copyWords.last,
            Self.withoutSlash(target) == Self.withoutSlash(words[4]),
            ["COPY", "ADD"].contains(copyWords[0].uppercased()), !copyWords.contains(where: { $0.hasPrefix("--chown") })
        else { return nil }
        let new = ([copyWords[0], "--chown=\(words[3])"] + copyWords.dropFirst()).joined(separator: " ")
        return Fix.Patch(.dockerfile, [.init(copy, [new]), .init(run, [])])
    }

    private static func withoutSlash(_ text: String) -> String {
        text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    // MARK: A second stage

    private func stage(_ program: [UInt8], _ base: String) -> Fix.Patch? {
        let path = "/" + String(decoding: program, as: UTF8.self)
        guard Self.isPlain(path),
            let from = lines.lastIndex(where: { $0.split(separator: " ").first?.uppercased() == "FROM" }),
            !lines[from].hasSuffix("\\")
        else { return nil }
        let words = lines[from].split(separator: " ").map(String.init)
        let name: String
        var edits: [Fix.Patch.Edit] = []
        if let place = words.firstIndex(where: { $0.uppercased() == "AS" }), words.indices.contains(place + 1) {
            name = words[place + 1]
        } else {
            name = "build"
            guard !lines.contains(where: { $0.uppercased().hasSuffix(" AS BUILD") }) else { return nil }
            edits.append(.init(from + 1...from + 1, [lines[from] + " AS build"]))
        }
        edits.append(
            .init(
                nil,
                [
                    "", "# The program needs nothing else of the image.", "FROM \(base)",
                    "COPY --from=\(name) \(path) \(path)",
                ] + settings()))
        return Fix.Patch(.dockerfile, edits)
    }

    /// The instructions that give a stage the same config.
    private func settings() -> [String] {
        let config = explanation.config.container
        var result: [String] = []
        for variable in config.environment where !variable.hasPrefix("PATH=") {
            let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            result.append("ENV \(parts[0])=\(JSON.string(String(parts[1])).text.replacing("$", with: "\\$"))")
        }
        if !config.workingDirectory.isEmpty, config.workingDirectory != "/" {
            result.append("WORKDIR \(config.workingDirectory)")
        }
        result += config.exposedPorts.sorted().map { "EXPOSE \($0)" }
        result += config.volumes.sorted().map { "VOLUME \($0)" }
        for label in config.labels.sorted(by: { $0.key < $1.key }) {
            result.append(
                "LABEL \(JSON.string(label.key).text)=\(JSON.string(label.value).text.replacing("$", with: "\\$"))")
        }
        if let signal = config.stopSignal { result.append("STOPSIGNAL \(signal)") }
        // A name would be looked up in accounts that are not there.
        if !config.user.isEmpty, config.user.utf8.allSatisfy({ (0x30...0x3A).contains($0) }) {
            result.append("USER \(config.user)")
        }
        if let entrypoint = config.entrypoint { result.append("ENTRYPOINT \(JSON.strings(entrypoint).text)") }
        if let command = config.command { result.append("CMD \(JSON.strings(command).text)") }
        return result
    }
}
