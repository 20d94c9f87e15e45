internal import OCI

/// Functions of PHP's own whose results files tell (PHP manual, "Function reference").
extension PHPRun {
    /// Nil for one that is not followed.
    mutating func intrinsic(_ name: String, _ values: [PHPValue]) throws -> PHPValue? {
        try spend(values.reduce(0) { $0 + ($1.asText?.utf8.count ?? 0) / 64 })
        noteMade(name, values)
        if let result = try ask(name, values) { return result }
        if let result = Self.text(name, values) { return result }
        let first = values.first?.asText
        switch name {
        case "define":
            if let first, values.count > 1, never == 0 { constants[first] = isLive ? values[1] : .unknown }
            if first == nil { isOpen = true }
            return .truth(true)
        case "getenv":
            guard let first else { return .unknown }
            if let value = check.process.environment[first] { return .text(value) }
            if hasOpenEnvironment { return .unknown }
            if isLive { cause = .missingVariable(script: file, name: first) }
            return .truth(false)
        case "putenv":
            hasOpenEnvironment = true
            return .truth(true)
        case "php_sapi_name": return .text("cli")
        case "getcwd": return .text(check.process.directory.description)
        case "chdir":
            guard isLive else { return .unknown }
            guard let first, let node = try node(first), node.isDirectory else { return .unknown }
            check.process.directory = node.path
            return .truth(true)
        case "set_include_path":
            guard isLive, let first else {
                isOpen = true
                return .unknown
            }
            includes = first.split(separator: ":").compactMap { check.process.directory.resolving(String($0)) }
            return .unknown
        case "get_include_path": return .text(([""] + includes.map(\.description)).joined(separator: ":"))
        case "ini_set", "dl", "class_alias", "extract", "eval", "create_function":
            if name != "ini_set" || first == "include_path" { isOpen = true }
            return .unknown
        case "spl_autoload_register":
            register(values)
            return .truth(true)
        case "spl_autoload_unregister":
            if isLive, !loaders.isEmpty { loaders.removeLast() }
            return .truth(true)
        case "call_user_func", "call_user_func_array": return try callback(values)
        case "trigger_error", "user_error":
            if values.count > 1, values[1].asNumber == 256, isLive {
                throw fail(cause ?? .failedScript(script: file, status: 255), isCaught: false)
            }
            return .unknown
        case "glob": return try pattern(values)
        case "array_map", "array_walk", "usort", "ob_start", "register_shutdown_function", "set_error_handler":
            return .unknown
        default: return nil
        }
    }

    private mutating func callback(_ values: [PHPValue]) throws -> PHPValue {
        let rest = Array(values.dropFirst())
        switch values.first {
        case .function(let function)?: return try call(function, rest)
        case .text(let name)?: return try callNamed(name, Arguments(values: rest, names: rest.map { _ in nil }))
        default: return .unknown
        }
    }

    /// `glob`: files whose names a pattern has.
    private func pattern(_ values: [PHPValue]) throws -> PHPValue {
        guard let text = values.first?.asText, values.count == 1, !text.contains("{"),
            let path = check.process.directory.resolving(text),
            !path.parent.description.contains(where: { "*?[".contains($0) })
        else { return .unknown }
        guard let folder = try check.tree.lookUp(path.parent), folder.isDirectory, let name = path.name else {
            return .list([])
        }
        let elements = ShellPattern.elements(String(decoding: name, as: UTF8.self))
        let names = try check.tree.children(of: folder).map { String(decoding: $0.path.name ?? [], as: UTF8.self) }
            .filter { ShellPattern.matches($0, elements) }
        let parent = path.parent.isRoot ? "/" : path.parent.description + "/"
        return .list(names.enumerated().map { (String($0.offset), .text(parent + $0.element)) })
    }

    /// Questions after files, names and extensions.
    private mutating func ask(_ name: String, _ values: [PHPValue]) throws -> PHPValue? {
        let first = values.first?.asText
        switch name {
        case "is_file", "file_exists", "is_readable", "is_dir", "is_link", "stream_resolve_include_path":
            guard let first, !first.contains("://") else { return .unknown }
            let found = try name.hasPrefix("stream") ? locate(first) : node(first)
            let isThere =
                found != nil && (name != "is_file" || found?.size != nil)
                && (name != "is_dir" || found?.isDirectory == true)
            // A link that leads nowhere is one.
            if name == "is_link" || check.process.isChanged || !isThere && mayHaveMade(first) { return .unknown }
            if !isThere, isLive { cause = .missingInput(program: file, path: first) }
            if isThere, name == "is_readable", check.process.user.identifier != 0 { return .unknown }
            return name.hasPrefix("stream") && isThere ? .text(found?.path.description ?? first) : .truth(isThere)
        case "fopen":
            guard let first, !first.contains("://"), values.count > 1, values[1].asText?.hasPrefix("r") ?? false,
                try node(first) == nil, !mayHaveMade(first)
            else { return .unknown }
            if isLive { cause = .missingInput(program: file, path: first) }
            return .truth(false)
        case "file_get_contents", "parse_ini_file", "file", "scandir", "opendir":
            guard let first, !first.contains("://"), try node(first) == nil else { return nil }
            if mayHaveMade(first) { return .unknown }
            if isLive { cause = .missingInput(program: file, path: first) }
            return .truth(false)
        case "realpath":
            guard let first, let place = check.process.directory.resolving(first) else { return .unknown }
            if let found = try check.tree.lookUp(place) { return .text(found.path.description) }
            return mayHaveMade(first) ? .unknown : .truth(false)
        case "extension_loaded":
            guard let first else { return .unknown }
            let isThere = builtin.isConfigured ? nil : builtin.hasExtension(first.lowercased())
            if isThere == false, isLive { cause = .missingName(script: file, module: "PHP", name: first) }
            return isThere.map { .truth($0) } ?? .unknown
        case "function_exists":
            guard let first else { return .unknown }
            let plain = first.drop { $0 == "\\" }.lowercased()
            if functions[plain] != nil { return .truth(true) }
            return isOpen || builtin.isConfigured ? .unknown : builtin.knows(plain).map { .truth($0) } ?? .unknown
        case "class_exists", "interface_exists", "trait_exists", "enum_exists":
            guard let first, isLive, !builtin.isConfigured else { return .unknown }
            let loads = values.count < 2 || values[1].isTrue != false
            let isThere = try exists(String(first.drop { $0 == "\\" }), loads: loads)
            if isThere == false { cause = .missingName(script: file, module: "PHP", name: first) }
            return isThere.map { .truth($0) } ?? .unknown
        case "defined":
            guard let first else { return .unknown }
            if constants[first] != nil || builtin.constant(first) != nil { return .truth(true) }
            return isOpen || builtin.knows(first.lowercased()) != false ? .unknown : .truth(false)
        default: return nil
        }
    }

    // MARK: Texts

    private static func text(_ name: String, _ values: [PHPValue]) -> PHPValue? {
        guard let first = values.first?.asText else { return lists(name, values) }
        let second = values.count > 1 ? values[1].asText : nil
        switch name {
        case "dirname":
            let levels = values.count > 1 ? values[1].asNumber ?? 1 : 1
            var path = first
            for _ in 0..<min(max(levels, 0), 50) {
                guard let slash = path.lastIndex(of: "/") else { return .text(".") }
                path = slash == path.startIndex ? "/" : String(path[..<slash])
            }
            return .text(path)
        case "basename":
            let last = first.split(separator: "/").last.map(String.init) ?? ""
            if let second, last.hasSuffix(second), last != second { return .text(String(last.dropLast(second.count))) }
            return .text(last)
        case "strlen": return .number(first.utf8.count)
        case "strtolower": return .text(first.lowercased())
        case "strtoupper": return .text(first.uppercased())
        case "ucfirst": return .text(first.prefix(1).uppercased() + first.dropFirst())
        case "lcfirst": return .text(first.prefix(1).lowercased() + first.dropFirst())
        case "trim", "rtrim", "ltrim":
            let marks = Set(second ?? " \t\n\r\0")
            if second?.contains("..") ?? false { return .unknown }
            var rest = first[...]
            if name != "rtrim" { rest = rest.drop { marks.contains($0) } }
            while name != "ltrim", let last = rest.last, marks.contains(last) { rest.removeLast() }
            return .text(String(rest))
        case "str_replace":
            guard let second, values.count == 3, let text = values[2].asText, !first.isEmpty else { return .unknown }
            return PHPValue.replaced(text, first, with: second).map { .text($0) } ?? .unknown
        case "str_starts_with": return second.map { .truth(first.hasPrefix($0)) } ?? .unknown
        case "str_ends_with": return second.map { .truth(first.hasSuffix($0)) } ?? .unknown
        case "str_contains": return second.map { .truth($0.isEmpty || first.contains($0)) } ?? .unknown
        case "strpos":
            guard let second, !second.isEmpty, values.count == 2 else { return .unknown }
            guard let range = first.range(of: second) else { return .truth(false) }
            return .number(first.utf8.distance(from: first.startIndex, to: range.lowerBound))
        case "strncmp", "strncasecmp":
            guard let second, values.count == 3, let count = values[2].asNumber, count >= 0 else { return .unknown }
            let (left, right) = (first.prefix(count), second.prefix(count))
            let isSame = name == "strncmp" ? left == right : left.lowercased() == right.lowercased()
            return isSame ? .number(0) : .unknown
        case "substr":
            guard let start = values.count > 1 ? values[1].asNumber : nil, start.magnitude <= first.count,
                first.allSatisfy(\.isASCII)
            else { return .unknown }
            let rest = start >= 0 ? first.dropFirst(start) : first.suffix(-start)
            guard values.count > 2 else { return .text(String(rest)) }
            guard let length = values[2].asNumber else { return .unknown }
            let cut = length < -rest.count ? rest.count : -min(length, 0)
            return .text(String(length >= 0 ? rest.prefix(length) : rest.dropLast(cut)))
        case "explode":
            guard let second, values.count == 2, !first.isEmpty else { return .unknown }
            return .list(parts(second, first).enumerated().map { (String($0.offset), .text($0.element)) })
        case "implode", "join": return lists(name, values)
        default: return nil
        }
    }

    private static func parts(_ text: String, _ mark: String) -> [String] {
        text.split(separator: mark, omittingEmptySubsequences: false).map(String.init)
    }

    /// `str_replace` of some texts by one, or by one each.
    private static func replaced(_ text: String, _ marks: [PHPValue], _ by: PHPValue) -> PHPValue {
        var result = text
        for (index, mark) in marks.enumerated() {
            guard let mark = mark.asText, !mark.isEmpty else { return .unknown }
            var other = by.asText
            if case .list(let items) = by { other = index < items.count ? items[index].value.asText : "" }
            guard let other, let next = PHPValue.replaced(result, mark, with: other) else { return .unknown }
            result = next
        }
        return .text(result)
    }

    private static func lists(_ name: String, _ values: [PHPValue]) -> PHPValue? {
        switch name {
        case "str_replace":
            guard values.count == 3, case .list(let marks) = values[0], let text = values[2].asText else {
                return .unknown
            }
            return replaced(text, marks.map(\.value), values[1])
        case "array_is_list", "is_array":
            guard case .list(let items)? = values.first else { return .unknown }
            return .truth(name == "is_array" || items.enumerated().allSatisfy { $0.element.key == String($0.offset) })
        case "implode", "join":
            guard values.count == 2, let mark = values[0].asText, case .list(let items) = values[1] else {
                return .unknown
            }
            let texts = items.compactMap { $0.value.asText }
            return texts.count == items.count ? .joined(texts, mark) : .unknown
        case "count", "sizeof":
            if case .list(let items)? = values.first { return .number(items.count) }
            return .unknown
        default: return nil
        }
    }
}
