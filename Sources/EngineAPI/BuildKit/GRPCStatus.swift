/// How a call ends when it does not end well (gRPC, "Status codes and their use in gRPC").
package struct GRPCStatus: Error, Hashable, Sendable {
    package enum Code: Int, Sendable {
        case ok = 0
        case cancelled = 1
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case dataLoss = 15
        case unauthenticated = 16
    }

    /// A typed part of an error (google.rpc.Status).
    package struct Detail: Hashable, Sendable {
        package let type: String
        package let value: [UInt8]
    }

    package let code: Code
    package let message: String
    package var details: [Detail] = []

    package init(_ code: Code, _ message: String, details: [Detail] = []) {
        (self.code, self.message, self.details) = (code, message, details)
    }

    package static let ok = GRPCStatus(.ok, "")
    /// The other side ended a call without saying how it ended.
    static let closed = GRPCStatus(.cancelled, "the stream was closed")

    /// `grpc-message`: everything but plain ASCII is escaped (gRPC over HTTP/2, "Percent-Encoded").
    var encodedMessage: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in message.utf8 {
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "%") {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// `google.rpc.Status` of `grpc-status-details-bin`.
    var encodedDetails: [UInt8] {
        ProtobufWriter.message { status in
            status.integer(1, Int64(code.rawValue))
            status.string(2, message)
            for detail in details {
                status.message(3) { any in
                    any.string(1, detail.type)
                    any.data(2, detail.value)
                }
            }
        }
    }

    /// Reads `google.rpc.Status`.
    package init(status bytes: [UInt8]) throws {
        var (code, message) = (Code.unknown, "")
        var details: [Detail] = []
        try ProtobufReader.forEachField(bytes) { field, value in
            switch field {
            case 1: code = Int(exactly: value.number).flatMap(Code.init) ?? .unknown
            case 2: message = value.text
            case 3:
                var (type, data) = ("", [UInt8]())
                try ProtobufReader.forEachField(value.data) { field, value in
                    if field == 1 { type = value.text } else if field == 2 { data = value.data }
                }
                details.append(Detail(type: type, value: data))
            default: break
            }
        }
        self.init(code, message, details: details)
    }
}
