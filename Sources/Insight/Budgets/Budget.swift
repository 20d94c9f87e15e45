package import OCI
import Rendering

/// What an image may be at most.
package struct Budget: Hashable, Sendable {
    /// Bytes on the disk.
    package var maximumSize: Int64?
    /// Bytes that travel.
    package var maximumTransfer: Int64?
    package var maximumWaste: Amount?
    /// Growth against another image.
    package var maximumGrowth: Amount?
    package var maximumLayers: Int?
    package var forbidden: [Forbidden] = []

    package init() {}

    package var isEmpty: Bool { self == Budget() }

    /// Bytes, or a share of the whole in percent.
    package enum Amount: Hashable, Sendable {
        case bytes(Int64)
        case percent(Double)
    }

    package enum Forbidden: Hashable, Sendable {
        case shell, packageManager, setuid
        /// Paths, as ``PathGlob`` reads them.
        case pattern(String)

        package init(_ text: String) {
            switch text {
            case "shell": self = .shell
            case "package-manager": self = .packageManager
            case "setuid": self = .setuid
            default: self = .pattern(text)
            }
        }

        package var text: String {
            switch self {
            case .shell: "shell"
            case .packageManager: "package-manager"
            case .setuid: "setuid"
            case .pattern(let text): text
            }
        }
    }
}

/// What a rule of a budget came to.
package struct BudgetVerdict: Hashable, Sendable {
    /// `max-size`, `forbid shell`.
    package let rule: String
    package let limit: Quantity
    /// Nil where it is not known: the rule does not hold then.
    package let value: Quantity?
    package let isKept: Bool
    /// What people are told besides the value: `12kB (3.1 %)`.
    package var told: String?
    /// What is to blame, the largest first.
    package var details: [String] = []

    package enum Quantity: Hashable, Sendable {
        case bytes(Int64)
        case percent(Double)
        case count(Int)

        package var text: String {
            switch self {
            case .bytes(let bytes): HumanSize.text(bytes)
            case .percent(let share):
                "\(FixedPoint.text(max(0, share), decimals: share == share.rounded() ? 0 : 1) ?? "") %"
            case .count(let count): "\(count)"
            }
        }

        var json: JSON {
            switch self {
            case .bytes(let bytes): .integer(bytes)
            case .percent(let share): .number(FixedPoint.text(max(0, share), decimals: 3) ?? "0")
            case .count(let count): .integer(Int64(count))
            }
        }

        var unit: String {
            switch self {
            case .bytes: "bytes"
            case .percent: "percent"
            case .count: "count"
            }
        }
    }

    /// `120kB, at most 100kB`.
    package var sentence: String { "\(told ?? value?.text ?? "not known"), at most \(limit.text)" }

    package var json: JSON {
        .object([
            "rule": .string(rule), "limit": limit.json, "value": value?.json ?? .null, "unit": .string(limit.unit),
            "ok": .bool(isKept), "details": .strings(details),
        ])
    }
}
