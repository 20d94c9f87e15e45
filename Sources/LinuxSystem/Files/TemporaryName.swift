extension ProcessFacts {
    /// A name for something unfinished beside the place where it is to stand: hidden, this process's, and another each time, for
    /// a process does many things at once and its number comes again after a restart or in a container.
    package static var temporaryName: [UInt8] { Array(".\(identifier)-\(UInt64.random(in: 0 ... .max))".utf8) }
}
