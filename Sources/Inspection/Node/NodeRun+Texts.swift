internal import OCI

/// Texts that are put together of what is known.
extension NodeRun {
    /// `process.env.NAME` of a name that the image does not set.
    func isUnset(_ tokens: [JavaScript]) -> Bool {
        guard tokens.count == 5, tokens.starts(with: [.name("process"), .sign("."), .name("env"), .sign(".")]),
            case .name(let name) = tokens[4]
        else { return false }
        return check.process.environment[name] == nil
    }

    /// A text that is put together of what is known.
    func text(_ tokens: [JavaScript], _ module: Module) -> String? {
        let tokens = tokens.filter { $0 != .line }
        for (index, token) in tokens.enumerated() {
            guard case .decides(let sign) = token, sign != "&&" else { continue }
            let left = Array(tokens[..<index])
            if let value = text(left, module), !value.isEmpty { return value }
            return isUnset(left) ? text(Array(tokens[(index + 1)...]), module) : nil
        }
        if tokens == [.name("process"), .sign("."), .name("platform")] { return "linux" }
        if tokens == [.name("process"), .sign("."), .name("arch")] {
            return ["amd64": "x64", "386": "ia32"][check.platform.architecture] ?? check.platform.architecture
        }
        if tokens.count == 5, tokens.starts(with: [.name("process"), .sign("."), .name("env"), .sign(".")]),
            case .name(let name) = tokens[4]
        {
            return check.process.environment[name]
        }
        if tokens == [.name("import"), .sign("."), .name("meta"), .sign("."), .name("url")] { return module.path }
        if tokens == [.name("import"), .sign("."), .name("meta"), .sign("."), .name("dirname")] {
            return module.directory.description
        }
        if tokens.count == 3, tokens.starts(with: [.name("new"), .name("URL")]), case .round(let arguments) = tokens[2],
            case .text(let path?)? = arguments.first, arguments.last == .name("url"), !path.contains(":")
        {
            return module.directory.resolving(path)?.description
        }
        if let value = element(tokens, module) { return value }
        let parts = tokens.split(separator: .sign("+"), omittingEmptySubsequences: false)
        if parts.count > 1 {
            var result = ""
            for part in parts {
                guard let value = text(Array(part), module) else { return nil }
                result += value
            }
            return result
        }
        switch tokens.count {
        case 1:
            switch tokens[0] {
            case .text(let value): return value
            case .name("__dirname"): return module.directory.description
            case .name("__filename"): return module.path
            case .name(let name): return module.texts[name]
            case .round(let inner): return text(inner, module)
            default: return nil
            }
        case 2, 4...:
            guard case .round(let arguments)? = tokens.last, case .name(let function)? = tokens.dropLast().last else {
                return nil
            }
            if function == "cwd", arguments.isEmpty { return check.process.directory.description }
            if function == "fileURLToPath" || function == "dirname" {
                guard let inner = text(arguments, module) else { return nil }
                return function == "dirname" ? ImagePath(inner)?.parent.description : inner
            }
            guard ["join", "resolve"].contains(function) else { return nil }
            var result = ""
            for argument in arguments.split(separator: .sign(",")) {
                guard let part = text(Array(argument), module) else { return nil }
                result = function == "resolve" && part.hasPrefix("/") || result.isEmpty ? part : result + "/" + part
            }
            // From the working directory on.
            if function == "resolve", !result.hasPrefix("/") {
                return check.process.directory.resolving(result)?.description
            }
            return result
        default: return nil
        }
    }
}
