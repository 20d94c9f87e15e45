extension SeccompProfile {
    /// Reads a profile in docker's form, or the OCI runtime specification's, which has no conditions.
    package init(parsing bytes: [UInt8]) throws(SeccompProfileError) {
        let json: JSON
        do { json = try JSON.parse(bytes) } catch { throw .notJSON }
        guard json.object != nil else { throw .notJSON }
        guard let action = json["defaultAction"] else { throw .missing("defaultAction") }
        self.init(
            defaultAction: try Action(action, number: json["defaultErrnoRet"], member: "defaultAction"),
            architectures: try Self.architectures(json), rules: [])
        flags = try Self.names(json["flags"], "flags")
        for item in try Self.list(json["syscalls"], "syscalls") { rules.append(try Self.rule(item)) }
    }

    private static func architectures(_ json: JSON) throws(SeccompProfileError) -> Architectures {
        let listed = try names(json["architectures"], "architectures")
        let families = try list(json["archMap"], "archMap")
        guard listed.isEmpty || families.isEmpty else { throw .both("architectures", "archMap") }
        for name in listed where !name.hasPrefix("SCMP_ARCH_") { throw .invalid(member: "architectures", value: name) }
        guard !families.isEmpty else { return .list(listed) }
        var result: [Family] = []
        for family in families {
            guard let name = family["architecture"]?.string else { throw .missing("architecture") }
            result.append(Family(name, try names(family["subArchitectures"], "subArchitectures")))
        }
        return .families(result)
    }

    private static func rule(_ json: JSON) throws(SeccompProfileError) -> Rule {
        var names = try names(json["names"], "names")
        // The form of docker before 17.
        if let name = json["name"]?.string, !name.isEmpty {
            guard names.isEmpty else { throw .both("name", "names") }
            names = [name]
        }
        guard !names.isEmpty else { throw .missing("names") }
        guard let action = json["action"] else { throw .missing("action") }
        var rule = Rule(names, try Action(action, number: json["errnoRet"], member: "action"))
        for item in try list(json["args"], "args") { rule.conditions.append(try condition(item)) }
        rule.includes = try surroundings(json["includes"], "includes")
        rule.excludes = try surroundings(json["excludes"], "excludes")
        return rule
    }

    private static func condition(_ json: JSON) throws(SeccompProfileError) -> Condition {
        func number(_ member: String) throws(SeccompProfileError) -> UInt64 {
            guard let value = json[member], !value.isNull else { return 0 }
            guard case .number(let text) = value, let number = UInt64(text) else {
                throw .invalid(member: member, value: value.text)
            }
            return number
        }
        let index = try number("index")
        guard index < 6 else { throw .invalid(member: "index", value: String(index)) }
        let name = json["op"]?.string ?? ""
        guard let comparison = Condition.Comparison(rawValue: name) else { throw .invalid(member: "op", value: name) }
        return Condition(index: UInt32(index), comparison, try number("value"), second: try number("valueTwo"))
    }

    private static func surroundings(_ json: JSON?, _ member: String) throws(SeccompProfileError) -> Surroundings {
        guard let json, !json.isNull else { return Surroundings() }
        guard json.object != nil else { throw .invalid(member: member, value: json.text) }
        var result = Surroundings(
            architectures: try names(json["arches"], "arches"), capabilities: try names(json["caps"], "caps"))
        if let text = json["minKernel"]?.string, !text.isEmpty {
            guard let version = KernelVersion(text) else { throw .invalid(member: "minKernel", value: text) }
            result.minimumKernel = version
        }
        return result
    }

    private static func list(_ json: JSON?, _ member: String) throws(SeccompProfileError) -> [JSON] {
        guard let json, !json.isNull else { return [] }
        guard let items = json.array else { throw .invalid(member: member, value: json.text) }
        return items
    }

    private static func names(_ json: JSON?, _ member: String) throws(SeccompProfileError) -> [String] {
        guard let json, !json.isNull else { return [] }
        guard let names = json.strings else { throw .invalid(member: member, value: json.text) }
        return names
    }
}

extension SeccompProfile.Action {
    /// - Parameter number: of those that have one; without it a call fails with EPERM.
    init(_ json: JSON, number: JSON?, member: String) throws(SeccompProfileError) {
        var value: UInt16 = 1
        if let number, !number.isNull {
            guard let given = number.integer, let fitting = UInt16(exactly: given), fitting <= 4095 else {
                throw .invalid(member: "errnoRet", value: number.text)
            }
            value = fitting
        }
        switch json.string {
        case "SCMP_ACT_ALLOW": self = .allow
        case "SCMP_ACT_LOG": self = .log
        case "SCMP_ACT_TRAP": self = .trap
        case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": self = .killThread
        case "SCMP_ACT_KILL_PROCESS": self = .killProcess
        case "SCMP_ACT_ERRNO": self = .fail(value)
        case "SCMP_ACT_TRACE": self = .trace(value)
        // It needs a program that answers.
        case "SCMP_ACT_NOTIFY": throw .unsupported(member: member, value: "SCMP_ACT_NOTIFY")
        default: throw .invalid(member: member, value: json.text)
        }
    }
}
