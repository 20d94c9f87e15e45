import BuildGraph
import LinuxSystem
import OCI
import Solver
import SystemPackage

extension KeptStep {
    /// How to look into what a failed step left: the command, and what is to be known of it.
    package var instructions: [String] {
        var words = ["distill", "run", "--rm", "-it"]
        for volume in volumes { words += ["-v", "\(volume.source):\(volume.target)\(volume.isReadOnly ? ":ro" : "")"] }
        for target in temporary { words += ["--tmpfs", target.description] }
        if network != .default { words += ["--network", network.rawValue] }
        var program = ""
        if let shell {
            words += ["--entrypoint", shell]
        } else {
            // A shell of this machine that needs no library of the image.
            words += [
                "-v", "\(Self.busybox ?? "/bin/busybox"):/.distill/busybox:ro", "--entrypoint", "/.distill/busybox",
            ]
            program = " sh"
        }
        var lines = [words.map(ShellWord.quoted).joined(separator: " ") + " \(image.familiar)" + program]
        if shell == nil, Self.busybox == nil {
            lines.append("(the image has no shell: apt-get install busybox-static first)")
        }
        if !secrets.isEmpty { lines.append("(without the secrets of the step: \(secrets.joined(separator: ", ")))") }
        return lines
    }

    private static var busybox: String? { HostEnvironment().program("busybox")?.string }
}

/// A word of a command line.
package enum ShellWord {
    /// As a shell reads it.
    package static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-_./:=@,+".utf8.contains(byte)
        }
        return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
