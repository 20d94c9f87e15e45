/// What a process in a container may ask an SSH agent (draft-ietf-sshm-ssh-agent): which keys there are, and to sign with one.
/// To add and remove keys, to lock the agent and to load a library into it is its owner's alone.
package struct AgentFilter {
    package enum Fault: Error {
        /// A message that no agent takes.
        case tooLong
    }

    /// Bytes: as long as messages may be for ssh-agent(1).
    package static let messageLimit = 256 << 10
    /// One of no kind: every agent says that it failed, and its answers stay in order.
    package static let refused: [UInt8] = [0, 0, 0, 1, 0]

    private enum Kind {
        static let identities: UInt8 = 11
        static let sign: UInt8 = 13
        static let extended: UInt8 = 27
    }

    /// The beginning of a message whose rest has not come yet.
    private var pending: [UInt8] = []

    /// Takes what a client sends, and gives whole messages for the agent.
    package mutating func take(_ bytes: some Sequence<UInt8>) throws(Fault) -> [UInt8] {
        pending += bytes
        var result: [UInt8] = []
        var rest = pending[...]
        while let length = Self.number(rest) {
            guard length <= Self.messageLimit else { throw .tooLong }
            guard rest.count >= 4 + length else { break }
            let message = rest.prefix(4 + length)
            result += Self.mayPass(message.dropFirst(4)) ? Array(message) : Self.refused
            rest = rest.dropFirst(4 + length)
        }
        pending = Array(rest)
        return result
    }

    private static func mayPass(_ message: ArraySlice<UInt8>) -> Bool {
        switch message.first {
        case Kind.identities, Kind.sign: return true
        case Kind.extended:
            // It tells which host a connection is to, and so where a key may be used (OpenSSH, PROTOCOL.agent).
            let name = Array("session-bind@openssh.com".utf8)
            let text = message.dropFirst()
            return number(text) == name.count && text.dropFirst(4).starts(with: name)
        default: return false
        }
    }

    /// The number of four octets that bytes begin with; nil for fewer.
    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 4 else { return nil }
        return bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }
}
