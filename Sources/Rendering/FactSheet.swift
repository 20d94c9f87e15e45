package import OCI

/// Facts as lines of names and values, laid out as docker's commands do.
package enum FactSheet {
    /// - Parameter document: with the members `Client` and `Server`, which say the same here.
    package static func version(_ document: JSON) -> ShownText {
        guard let client = document["Client"] else { return "" }
        return """
            Client: Distill
             Version:           \(client["Version"]?.string ?? "")
             OS/Arch:           \(client["Os"]?.string ?? "")/\(client["Arch"]?.string ?? "")
             Kernel:            \(client["KernelVersion"]?.string ?? "")

            Server: none: this program builds and runs by itself

            """
    }

    /// - Parameter document: with the members of docker's `SystemInfo`.
    package static func information(_ document: JSON) -> ShownText {
        func text(_ name: String) -> String { document[name]?.string ?? document[name]?.integer.map(String.init) ?? "" }
        let runtimes = document["Runtimes"]?.object?.members.map(\.key).joined(separator: " ") ?? ""
        let rows: [(String, String)] = [
            ("Version", text("ServerVersion")), ("Images", text("Images")), ("Store", text("DockerRootDir")),
            ("Storage Driver", text("Driver")),
            (" Backing Filesystem", text("BackingFilesystem")), ("Cgroup Version", text("CgroupVersion")),
            ("Runtimes", runtimes),
            ("Default Runtime", text("DefaultRuntime")),
            ("Security Options", (document["SecurityOptions"]?.strings ?? []).joined(separator: " ")),
            ("Kernel Version", text("KernelVersion")),
            ("Operating System", text("OperatingSystem")), ("OSType", text("OSType")),
            ("Architecture", text("Architecture")),
            ("CPUs", text("NCPU")), ("Total Memory", HumanSize.text(document["MemTotal"]?.integer ?? 0)),
            ("Name", text("Name")),
            ("HTTP Proxy", text("HttpProxy")), ("HTTPS Proxy", text("HttpsProxy")), ("No Proxy", text("NoProxy")),
        ]
        return rows.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1)\n" as ShownText }.joined()
    }
}
